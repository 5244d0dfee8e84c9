// y[to(k)] = x[from(k)] for every k of a box of up to six axes
//
// Pad and concat are copies into a part of y; what is only read in another order is elementwise.wgsl's. One invocation
// copies a RUN of neighbours along the innermost axis where its length allows.

override RUN: u32 = 1u;

struct Params {
  runs: u32,
  box: Box, // of x and y
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// use box

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= params.runs) { return; }
  let at = places(params.box, i * RUN);
  for (var k = 0u; k < RUN; k++) {
    let step = at + k * params.box.step0;
    y[step.y] = x[step.x];
  }
}
