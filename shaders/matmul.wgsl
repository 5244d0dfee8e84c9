// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// A workgroup of 8 x 8 invocations makes a tile of 32 x 32 results, each invocation 4 x 4 of them in four named
// vectors. Slices of A and B, 16 deep, pass through workgroup memory. The inner axis may run over several
// matrices of the batch (`summed`) and may be split among workgroups (`splits`), each writing its own partial sum.

override TRANSPOSE_A: u32 = 0u;
override TRANSPOSE_B: u32 = 0u;
override BIAS: u32 = 0u; // 0 none, 1 by column, 2 by row

struct Params {
  m: u32, n: u32, k: u32, summed: u32,
  step_a: u32, step_b: u32, depths_per_split: u32, splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

var<workgroup> tile_a: array<vec4f, 128>; // [depth 16][row group 8] of 4 rows
var<workgroup> tile_b: array<vec4f, 128>; // [depth 16][column group 8] of 4 columns

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
      if (BIAS == 1u) { result += bias[column + c]; }
      if (BIAS == 2u) { result += bias[row]; }
      y[base + row * params.n + column + c] = result;
    }
  }
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
    for (var part = lane; part < 128u; part += 64u) {
      let depth = depth0 + part / 8u;
      let row = row0 + (part % 8u) * 4u;
      let column = column0 + (part % 8u) * 4u;
      tile_a[part] = vec4f(load_a(base_a, row, depth), load_a(base_a, row + 1u, depth),
        load_a(base_a, row + 2u, depth), load_a(base_a, row + 3u, depth));
      tile_b[part] = vec4f(load_b(base_b, depth, column), load_b(base_b, depth, column + 1u),
        load_b(base_b, depth, column + 2u), load_b(base_b, depth, column + 3u));
    }
    workgroupBarrier();
    for (var depth = 0u; depth < 16u; depth++) {
      let va = tile_a[depth * 8u + local.y];
      let vb = tile_b[depth * 8u + local.x];
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
