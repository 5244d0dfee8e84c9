// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose, or the
// patches of images (see docs/convolution.md)
//
// As matmul.wgsl, with a tile of 32 x 32 results and 4 x 4 for an invocation: for results that a tile of 64 x 64
// would cover badly, or that have too few such tiles to fill a device.

// use pointwise
// use dropout
// use operands
// use product
// use tiles

// One more group than a row needs: neighbours along the depth then lie in different banks.
const PITCH = 9u;
var<workgroup> tile_a: array<vec4f, 144>; // [depth 16][PITCH row groups] of 4 rows
var<workgroup> tile_b: array<vec4f, 144>; // [depth 16][PITCH column groups] of 4 columns

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let split = group.z % params.splits;
  let batch = batch_of(group);
  let row0 = group.y * 32u;
  let column0 = block_of(group) * 32u;
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
      let pa = place(index, 8u, TRANSPOSE_A == 0u);
      let row = row0 + pa.y * 4u;
      tile_a[pa.x * PITCH + pa.y] = load_rows(base_a, row, depth0 + pa.x);
      let pb = place(index, 8u, TRANSPOSE_B != 0u);
      let column = column0 + pb.y * 4u;
      tile_b[pb.x * PITCH + pb.y] = load_columns(base_b, depth0 + pb.x, column);
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
  let results = array<vec4f, 4>(r0, r1, r2, r3);
  for (var r = 0u; r < 4u; r++) { store(base, row + r, column, results[r]); }
}
