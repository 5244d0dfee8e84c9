// (mean, sum of squared deviations) of the own channels of every group of every row: x [rows, channels] -> [rows, groups, 2]
//
// x is a block of channels whose groups reach over other blocks. One invocation a group of a row, in two passes, so that
// nothing cancels. A group without own channels gives zeros.

struct Params { norm: Layout }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// use norm

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let l = params.norm;
  let index = id.x + id.y * groups.x * 64u;
  if (index >= l.rows * l.groups) { return; }
  let row = index / l.groups;
  let part = index % l.groups;
  let half = l.channels / l.segments;
  let own = own_channels(l, part);
  let base = row * l.channels;
  let count = f32(max((own.y - own.x) * l.segments, 1u));
  var mean = 0.0;
  for (var segment = 0u; segment < l.segments; segment++) {
    for (var c = own.x; c < own.y; c++) { mean += x[base + segment * half + c]; }
  }
  mean /= count;
  var squares = 0.0;
  for (var segment = 0u; segment < l.segments; segment++) {
    for (var c = own.x; c < own.y; c++) {
      let deviation = x[base + segment * half + c] - mean;
      squares += deviation * deviation;
    }
  }
  y[index * 2u] = mean;
  y[index * 2u + 1u] = squares;
}
