// The inverse of pack_half: y[i] = largest of its run times the half at i
//
// One invocation two elements, so that neighbours read neighbouring words.

const RUN = 128u;

struct Params { size: u32, first: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = (id.x + id.y * groups.x * 64u) * 2u;
  if (i >= params.size) { return; }
  let start = i / RUN * (RUN / 2u + 1u);
  let pair = unpack2x16float(x[start + 1u + (i % RUN) / 2u]) * bitcast<f32>(x[start]);
  y[params.first + i] = pair.x;
  if (i + 1u < params.size) { y[params.first + i + 1u] = pair.y; }
}
