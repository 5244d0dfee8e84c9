// y[p] = sum of scale x[i]^2 over the elements that invocation p takes: the squared norm of up to three runs of x, each
// with a scale of its own, as partial sums. Another pass adds them.
//
// As many invocations as there are results; neighbours read neighbours, four elements each.

struct Params {
  fours: u32, results: u32,
  end0: u32, end1: u32, // of the first and second run, in fours
  scale0: f32, scale1: f32, scale2: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var total = vec4f();
  for (var i = id.x; i < params.fours; i += params.results) {
    let scale = select(select(params.scale2, params.scale1, i < params.end1), params.scale0, i < params.end0);
    total += scale * x[i] * x[i];
  }
  y[id.x] = (total.x + total.y) + (total.z + total.w);
}
