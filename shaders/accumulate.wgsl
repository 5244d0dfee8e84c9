// y[i] += x[i]
//
// The sum of two tensors where one of them is needed no more: the result takes its place.

const RUN = 4u;

struct Params { size: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let first = (id.x + id.y * groups.x * 64u) * RUN;
  for (var i = first; i < min(first + RUN, params.size); i++) { y[i] += x[i]; }
}
