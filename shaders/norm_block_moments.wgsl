// (mean, sum of squared deviations) of the own channels of every group of every row: x [rows, channels] -> [rows, groups, 2]
//
// x is a block of channels whose groups reach over other blocks. One invocation a group of a row, in two passes, so that
// nothing cancels. A group without own channels gives zeros.

struct Params { rows: u32, channels: u32, groups: u32, segments: u32, whole: u32, first: u32, own: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= params.rows * params.groups) { return; }
  let row = index / params.groups;
  let part = index % params.groups;
  let half = params.channels / params.segments;
  let run = params.whole / params.groups;
  // Own channels of the group in a segment: from `low` to `high`.
  let low = clamp(part * run, params.first, params.first + params.own) - params.first;
  let high = clamp((part + 1u) * run, params.first, params.first + params.own) - params.first;
  let base = row * params.channels;
  let count = f32(max((high - low) * params.segments, 1u));
  var mean = 0.0;
  for (var segment = 0u; segment < params.segments; segment++) {
    for (var c = low; c < high; c++) { mean += x[base + segment * half + c]; }
  }
  mean /= count;
  var squares = 0.0;
  for (var segment = 0u; segment < params.segments; segment++) {
    for (var c = low; c < high; c++) {
      let deviation = x[base + segment * half + c] - mean;
      squares += deviation * deviation;
    }
  }
  y[index * 2u] = mean;
  y[index * 2u + 1u] = squares;
}
