// y[i] = sum over s of x[s, i], in the order of s: what a product whose inner axis was split ends with.

struct Params { size: u32, splits: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= params.size) { return; }
  var total = 0.0;
  for (var s = 0u; s < params.splits; s++) { total += x[s * params.size + i]; }
  y[i] = total;
}
