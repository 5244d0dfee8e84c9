// y[r, c] = (x[r, c] - mean[r, g]) * rstd[r, g] * weight[c] + bias[c], where g is the group of channel c
//
// One invocation an element; the statistics of a row are read by neighbours together.

struct Params { rows: u32, channels: u32, groups: u32, segments: u32, whole: u32, first: u32, own: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= params.rows * params.channels) { return; }
  let row = i / params.channels;
  let channel = i % params.channels;
  let half = params.channels / params.segments;
  // Padding belongs to no group: its scale is zero, any statistics will do.
  let part = min((params.first + channel % half) / (params.whole / params.groups), params.groups - 1u);
  let s = (row * params.groups + part) * 2u;
  y[i] = (x[i] - statistics[s]) * statistics[s + 1u] * weight[channel] + bias[channel];
}
