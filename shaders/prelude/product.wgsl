// What all products share beside a and b (see operands.wgsl): their other operands, and how results are stored.
//
// A result goes through the functions F1 and F2 before it is stored, where there are any (see pointwise.wgsl): they read
// its element of `other`. With SECOND y keeps what the functions begin with, and `second` takes what comes of it.

override F1: u32 = 0u;
override F2: u32 = 0u;
override SECOND: u32 = 0u;
// 1: b is the patches of images, whose columns are positions of all of them; 2: their transpose, an image a matrix.
override PATCHES: u32 = 0u;

// See `Patches` in src/graph/patches.ts. Position (i, j) and tap (r, s) meet at (i, j) * scale + offset + (r, s) * step of an
// image: what lies before its beginning is, in u32, far past its end.
struct Patches {
  height: u32, width: u32, plane: u32, channels: u32, image: u32, // of an image; elements of a channel, and of all
  grid_width: u32, grid: u32, // positions of a row, and of an image
  taps_height: u32, taps_width: u32, taps: u32,
  scale: vec2u, offset: vec2u, step: vec2u, // along the rows, along the columns
  // Where a has a weight, and y a result.
  a_first: u32, a_row: u32, a_channel: u32, a_down: u32, a_across: u32,
  y_first: u32, y_row: u32, y_image: u32, y_down: u32, y_across: u32,
  blocks: u32, // workgroups of a line of them; more columns are further lines, in z
  by_grid_width: u32, by_grid: u32, by_taps_width: u32, by_taps: u32, // see `quotient`
}

struct Params {
  m: u32, n: u32, k: u32, summed: u32,
  step_a: u32, step_b: u32, depths_per_split: u32, splits: u32,
  bias: u32, // 0 none, 1 by column, 2 by row
  transpose_a: u32, transpose_b: u32,
  accumulate: u32, // 1: added to what y holds
  dropout: Dropout,
  @align(16) patches: Patches,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> other: array<f32>;
@group(0) @binding(5) var<storage, read> random: array<u32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;

// n / d for all n, where `by` is floor(2^32 / d), or 2^32 - 1 for d = 1: the quotient, or one less, and then the mending.
fn quotient(n: u32, d: u32, by: u32) -> u32 {
  let q = multiply_wide(n, by).x;
  return q + select(0u, 1u, n - q * d >= d);
}

// Image, row and column of a position.
fn position_of(column: u32) -> vec3u {
  let p = params.patches;
  let image = quotient(column, p.grid, p.by_grid);
  let at = column - image * p.grid;
  let i = quotient(at, p.grid_width, p.by_grid_width);
  return vec3u(image, i, at - i * p.grid_width);
}

// Where a result lies in its matrix, or among those of all images.
fn place_of(row: u32, column: u32) -> u32 {
  if (PATCHES != 1u) { return row * params.n + column; }
  let p = params.patches;
  let at = position_of(column);
  return p.y_first + at.x * p.y_image + row * p.y_row + at.y * p.y_down + at.z * p.y_across;
}

// Matrix of the batch and block of columns of a workgroup.
fn batch_of(group: vec3u) -> u32 { return select(group.z / params.splits, 0u, PATCHES == 1u); }
fn block_of(group: vec3u) -> u32 {
  return select(group.x, group.x + group.z / params.splits * params.patches.blocks, PATCHES == 1u);
}

// Four neighbouring results of a row, or as many of them as there are.
fn store(base: u32, row: u32, column: u32, value: vec4f) { store_first(4u, base, row, column, value); }

// The first `most` of them.
fn store_first(most: u32, base: u32, row: u32, column: u32, value: vec4f) {
  if (row >= params.m || column >= params.n) { return; }
  let count = min(most, params.n - column);
  // Past the edge the last one is repeated.
  let offsets = min(vec4u(0u, 1u, 2u, 3u), vec4u(count - 1u));
  let first = base + place_of(row, column);
  var at = first + offsets;
  if (PATCHES == 1u) {
    let c = column + offsets;
    at = base + vec4u(place_of(row, c.x), place_of(row, c.y), place_of(row, c.z), place_of(row, c.w));
  }
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
    y[at[c]] = kept[c];
    if (SECOND != 0u) { second[at[c]] = finished[c]; }
  }
}
