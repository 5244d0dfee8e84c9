// y[r, c] = (x[r, c] - mean[r, g]) * rstd[r, g] * weight[c] + bias[c], where g is the group of channel c
//
// One invocation an element; the statistics of a row are read by neighbours together.

struct Params { norm: Layout }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

// use norm

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let l = params.norm;
  let i = id.x + id.y * groups.x * 64u;
  if (i >= l.rows * l.channels) { return; }
  let row = i / l.channels;
  let channel = i % l.channels;
  // Padding belongs to no group: its scale is zero, any statistics will do.
  let s = (row * l.groups + group_of(l, channel)) * 2u;
  y[i] = (x[i] - statistics[s]) * statistics[s + 1u] * weight[channel] + bias[channel];
}
