// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose, or the
// patches of images (see docs/convolution.md)
//
// A workgroup of 8 x 8 invocations makes a tile of 64 x 64 results, each invocation 8 x 8 of them: four rows of the
// tile's upper half and four of the lower (l and r: the four columns in the left and the right half). So a step of
// the inner axis reads four vectors from workgroup memory, neighbours from neighbouring places, for 64 multiply-adds.
// Slices of A and B, 16 deep, pass through workgroup memory. The inner axis may run over several matrices of the
// batch (`summed`) and may be split among workgroups (`splits`), each writing its own partial sum.

// use pointwise
// use dropout
// use operands
// use product
// use tiles

// One more group than a row needs: neighbours along the depth then lie in different banks.
const PITCH = 17u;
var<workgroup> tile_a: array<vec4f, 272>; // [depth 16][PITCH row groups] of 4 rows
var<workgroup> tile_b: array<vec4f, 272>; // [depth 16][PITCH column groups] of 4 columns

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let split = group.z % params.splits;
  let batch = batch_of(group);
  let row0 = group.y * 64u;
  let column0 = block_of(group) * 64u;
  let depths = (params.k + 15u) / 16u;
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, depths * params.summed);
  var l0 = vec4f();
  var r0 = vec4f();
  var l1 = vec4f();
  var r1 = vec4f();
  var l2 = vec4f();
  var r2 = vec4f();
  var l3 = vec4f();
  var r3 = vec4f();
  var l4 = vec4f();
  var r4 = vec4f();
  var l5 = vec4f();
  var r5 = vec4f();
  var l6 = vec4f();
  var r6 = vec4f();
  var l7 = vec4f();
  var r7 = vec4f();
  for (var step = first; step < last; step++) {
    let matrix = batch * params.summed + step / depths;
    let depth0 = (step % depths) * 16u;
    let base_a = matrix * params.step_a;
    let base_b = matrix * params.step_b;
    for (var index = lane; index < 256u; index += 64u) {
      let pa = place(index, 16u, TRANSPOSE_A == 0u);
      let row = row0 + pa.y * 4u;
      tile_a[pa.x * PITCH + pa.y] = load_rows(base_a, row, depth0 + pa.x);
      let pb = place(index, 16u, TRANSPOSE_B != 0u);
      let column = column0 + pb.y * 4u;
      tile_b[pb.x * PITCH + pb.y] = load_columns(base_b, depth0 + pb.x, column);
    }
    workgroupBarrier();
    for (var depth = 0u; depth < 16u; depth++) {
      let top = tile_a[depth * PITCH + local.y];
      let bottom = tile_a[depth * PITCH + 8u + local.y];
      let left = tile_b[depth * PITCH + local.x];
      let right = tile_b[depth * PITCH + 8u + local.x];
      l0 += top.x * left;
      r0 += top.x * right;
      l1 += top.y * left;
      r1 += top.y * right;
      l2 += top.z * left;
      r2 += top.z * right;
      l3 += top.w * left;
      r3 += top.w * right;
      l4 += bottom.x * left;
      r4 += bottom.x * right;
      l5 += bottom.y * left;
      r5 += bottom.y * right;
      l6 += bottom.z * left;
      r6 += bottom.z * right;
      l7 += bottom.w * left;
      r7 += bottom.w * right;
    }
    workgroupBarrier();
  }
  let base = (batch * params.splits + split) * params.m * params.n;
  let row = row0 + local.y * 4u;
  let column = column0 + local.x * 4u;
  let results = array<vec4f, 16>(l0, r0, l1, r1, l2, r2, l3, r3, l4, r4, l5, r5, l6, r6, l7, r7);
  for (var i = 0u; i < 16u; i++) {
    // The lower half of the rows and the right half of the columns are 32 further on.
    store(base, row + i / 2u % 4u + i / 8u * 32u, column + i % 2u * 32u, results[i]);
  }
}
