// y[p] = scale * sum over the p-th run of x of x[i]^2
//
// 256 invocations, each a run of neighbouring elements in four running sums; another pass adds the results.

struct Params { size: u32, length: u32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * params.length;
  let last = min(first + params.length, params.size);
  var total = vec4f();
  var i = first;
  for (; i + 4u <= last; i += 4u) {
    let value = vec4f(x[i], x[i + 1u], x[i + 2u], x[i + 3u]);
    total += value * value;
  }
  for (; i < last; i++) { total.x += x[i] * x[i]; }
  y[id.x] = params.scale * ((total.x + total.y) + (total.z + total.w));
}
