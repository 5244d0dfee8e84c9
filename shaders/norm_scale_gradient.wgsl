// y[p, c] = sum over the rows r of part p of dy[r, c] (x[r, c] - mean[r, g]) rstd[r, g]: partial gradients of the scale
//
// One invocation a (part, channel): neighbours read neighbouring channels. The parts are summed afterwards.

struct Params {
  rows: u32, channels: u32, groups: u32, segments: u32, whole: u32, first: u32, own: u32,
  rows_per_part: u32, parts: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= params.parts * params.channels) { return; }
  let channel = index % params.channels;
  let first = (index / params.channels) * params.rows_per_part;
  let last = min(first + params.rows_per_part, params.rows);
  let half = params.channels / params.segments;
  let part = min((params.first + channel % half) / (params.whole / params.groups), params.groups - 1u);
  var sum = 0.0;
  for (var row = first; row < last; row++) {
    let s = (row * params.groups + part) * 2u;
    let i = row * params.channels + channel;
    sum += dy[i] * (x[i] - statistics[s]) * statistics[s + 1u];
  }
  y[index] = sum;
}
