// What all products share beside a and b (see operands.wgsl): their other operands, and how results are stored.
//
// A result goes through the functions F1 and F2 before it is stored, where there are any (see pointwise.wgsl): they read
// its element of `other`. With SECOND y keeps what the functions begin with, and `second` takes what comes of it.

override F1: u32 = 0u;
override F2: u32 = 0u;
override SECOND: u32 = 0u;

struct Params {
  m: u32, n: u32, k: u32, summed: u32,
  step_a: u32, step_b: u32, depths_per_split: u32, splits: u32,
  bias: u32, // 0 none, 1 by column, 2 by row
  transpose_a: u32, transpose_b: u32,
  accumulate: u32, // 1: added to what y holds
  dropout: Dropout,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> other: array<f32>;
@group(0) @binding(5) var<storage, read> random: array<u32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;

// Four neighbouring results of a row, or as many of them as there are.
fn store(base: u32, row: u32, column: u32, value: vec4f) {
  if (row >= params.m || column >= params.n) { return; }
  let count = min(4u, params.n - column);
  // Past the edge the last one is repeated.
  let offsets = min(vec4u(0u, 1u, 2u, 3u), vec4u(count - 1u));
  let first = base + row * params.n + column;
  let at = first + offsets;
  var result = value;
  if (params.bias == 1u) {
    let c = column + offsets;
    result += vec4f(bias[c.x], bias[c.y], bias[c.z], bias[c.w]);
  }
  if (params.bias == 2u) { result += bias[row]; }
  if (params.accumulate != 0u) { result += vec4f(y[at.x], y[at.y], y[at.z], y[at.w]); }
  var finished = result;
  if (F1 != 0u) {
    var q = vec4f();
    if (reads_other(F1) || reads_other(F2)) { q = vec4f(other[at.x], other[at.y], other[at.z], other[at.w]); }
    if (F1 == DROPOUT) { finished = dropped(params.dropout, finished, first); }
    else { finished = pointwise(F1, finished, q, 1.0, 0.0); }
    if (F2 == DROPOUT) { finished = dropped(params.dropout, finished, first); }
    else if (F2 != 0u) { finished = pointwise(F2, finished, q, 1.0, 0.0); }
  }
  let kept = select(finished, result, SECOND != 0u);
  for (var c = 0u; c < count; c++) {
    y[first + c] = kept[c];
    if (SECOND != 0u) { second[first + c] = finished[c]; }
  }
}
