// y = (x - mean) / sqrt(variance + epsilon) scale + shift, by channel of x [images, channels, positions], with mean = centre +
// rest; then what functions F1 and F2 make of it (see pointwise.wgsl), which read its element of `other`
//
// An invocation makes RUN neighbours of a plane: 4 where planes are multiples of that.

override RUN: u32 = 1u;
override F1: u32 = 0u;
override F2: u32 = 0u;

struct Params { size: u32, channels: u32, positions: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> shift: array<f32>;
@group(0) @binding(5) var<storage, read> other: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

// use pointwise

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let first = (id.x + id.y * groups.x * 64u) * RUN;
  if (first >= params.size) { return; }
  let channel = first / params.positions % params.channels;
  let own = statistics[channel];
  let at = first + min(vec4u(0u, 1u, 2u, 3u), vec4u(RUN - 1u));
  var value = vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
  value = ((value - own.x) - own.y) * own.z * scale[channel] + shift[channel];
  if (F1 != 0u) {
    var q = vec4f();
    if (reads_other(F1) || reads_other(F2)) { q = vec4f(other[at.x], other[at.y], other[at.z], other[at.w]); }
    value = pointwise(F1, value, q, 1.0, 0.0);
    if (F2 != 0u) { value = pointwise(F2, value, q, 1.0, 0.0); }
  }
  y[first] = value.x;
  if (RUN == 4u) {
    y[first + 1u] = value.y;
    y[first + 2u] = value.z;
    y[first + 3u] = value.w;
  }
}
