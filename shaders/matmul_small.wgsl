// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// As matmul.wgsl, with a tile of 32 x 32 results and 4 x 4 for an invocation: for results that a tile of 64 x 64
// would cover badly, or that have too few such tiles to fill a device.

override TRANSPOSE_A: u32 = 0u;
override TRANSPOSE_B: u32 = 0u;

struct Params {
  m: u32, n: u32, k: u32, summed: u32,
  step_a: u32, step_b: u32, depths_per_split: u32, splits: u32,
  bias: u32, // 0 none, 1 by column, 2 by row
  transpose_a: u32, transpose_b: u32,
  accumulate: u32, // 1: added to what y holds
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// One more group than a row needs: neighbours along the depth then lie in different banks.
const PITCH = 9u;
var<workgroup> tile_a: array<vec4f, 144>; // [depth 16][PITCH row groups] of 4 rows
var<workgroup> tile_b: array<vec4f, 144>; // [depth 16][PITCH column groups] of 4 columns

fn load_a(base: u32, row: u32, depth: u32) -> f32 {
  if (row >= params.m || depth >= params.k) { return 0.0; }
  if (TRANSPOSE_A != 0u) { return a[base + depth * params.m + row]; }
  return a[base + row * params.k + depth];
}

fn load_b(base: u32, depth: u32, column: u32) -> f32 {
  if (column >= params.n || depth >= params.k) { return 0.0; }
  if (TRANSPOSE_B != 0u) { return b[base + column * params.k + depth]; }
  return b[base + depth * params.n + column];
}

fn store(base: u32, row: u32, column: u32, value: vec4f) {
  if (row >= params.m) { return; }
  for (var c = 0u; c < 4u; c++) {
    if (column + c < params.n) {
      var result = value[c];
      if (params.bias == 1u) { result += bias[column + c]; }
      if (params.bias == 2u) { result += bias[row]; }
      let at = base + row * params.n + column + c;
      if (params.accumulate != 0u) { result += y[at]; }
      y[at] = result;
    }
  }
}

// Place (depth, group of four) that a lane fills: neighbouring lanes read neighbouring words, along the depth where
// that is the contiguous axis, else along the groups.
fn place(index: u32, depth_contiguous: bool) -> vec2u {
  if (depth_contiguous) { return vec2u(index % 16u, index / 16u); }
  return vec2u(index / 8u, index % 8u);
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let split = group.z % params.splits;
  let batch = group.z / params.splits;
  let row0 = group.y * 32u;
  let column0 = group.x * 32u;
  let depths = (params.k + 15u) / 16u;
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, depths * params.summed);
  var r0 = vec4f();
  var r1 = vec4f();
  var r2 = vec4f();
  var r3 = vec4f();
  for (var step = first; step < last; step++) {
    let matrix = batch * params.summed + step / depths;
    let depth0 = (step % depths) * 16u;
    let base_a = matrix * params.step_a;
    let base_b = matrix * params.step_b;
    for (var index = lane; index < 128u; index += 64u) {
      let pa = place(index, TRANSPOSE_A == 0u);
      let row = row0 + pa.y * 4u;
      tile_a[pa.x * PITCH + pa.y] = vec4f(load_a(base_a, row, depth0 + pa.x), load_a(base_a, row + 1u, depth0 + pa.x),
        load_a(base_a, row + 2u, depth0 + pa.x), load_a(base_a, row + 3u, depth0 + pa.x));
      let pb = place(index, TRANSPOSE_B != 0u);
      let column = column0 + pb.y * 4u;
      tile_b[pb.x * PITCH + pb.y] = vec4f(load_b(base_b, depth0 + pb.x, column), load_b(base_b, depth0 + pb.x, column + 1u),
        load_b(base_b, depth0 + pb.x, column + 2u), load_b(base_b, depth0 + pb.x, column + 3u));
    }
    workgroupBarrier();
    for (var depth = 0u; depth < 16u; depth++) {
      let va = tile_a[depth * PITCH + local.y];
      let vb = tile_b[depth * PITCH + local.x];
      r0 += va.x * vb;
      r1 += va.y * vb;
      r2 += va.z * vb;
      r3 += va.w * vb;
    }
    workgroupBarrier();
  }
  let base = (batch * params.splits + split) * params.m * params.n;
  let row = row0 + local.y * 4u;
  let column = column0 + local.x * 4u;
  store(base, row, column, r0);
  store(base, row + 1u, column, r1);
  store(base, row + 2u, column, r2);
  store(base, row + 3u, column, r3);
}
