// dx = scale / sqrt(variance + epsilon) (dy - mean dy - xhat mean (dy xhat)), means over the n values of a channel; with FIXED,
// where the statistics are not of x, scale / sqrt(variance + epsilon) dy
//
// x [images, channels, positions], sums [2, channels] of dy and dy xhat. With IN_PLACE dy lies where dx is written. An
// invocation makes RUN neighbours of a plane: 4 where planes are multiples of that.

override RUN: u32 = 1u;
override FIXED: u32 = 0u;
override IN_PLACE: u32 = 0u;

struct Params { size: u32, channels: u32, positions: u32, count: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let first = (id.x + id.y * groups.x * 64u) * RUN;
  if (first >= params.size) { return; }
  let channel = first / params.positions % params.channels;
  let own = statistics[channel];
  let at = first + min(vec4u(0u, 1u, 2u, 3u), vec4u(RUN - 1u));
  var g: vec4f;
  if (IN_PLACE != 0u) { g = vec4f(dx[at.x], dx[at.y], dx[at.z], dx[at.w]); }
  else { g = vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]); }
  if (FIXED == 0u) {
    let xhat = ((vec4f(x[at.x], x[at.y], x[at.z], x[at.w]) - own.x) - own.y) * own.z;
    let mean = sums[channel] / params.count;
    let mean_product = sums[params.channels + channel] / params.count;
    g = (g - mean) - xhat * mean_product;
  }
  g *= scale[channel] * own.z;
  dx[first] = g.x;
  if (RUN == 4u) {
    dx[first + 1u] = g.y;
    dx[first + 2u] = g.z;
    dx[first + 3u] = g.w;
  }
}
