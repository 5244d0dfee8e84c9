// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// For adapters that compute on the CPU and run invocations as four lanes of one vector (SwiftShader). As
// matmul_direct.wgsl, with 16 x 8 results an invocation; the four lanes of a subgroup lie along the columns, so they
// need the same 16 rows: each loads every fourth of them, and broadcasts it. That is 12 loads for 128 multiply-adds,
// and there loads are what takes the time. TILE is 64 or 32, as for the kernels whose place this takes.
enable subgroups;

override TILE: u32 = 64u;

// use pointwise
// use dropout
// use operands
// use product

@compute @workgroup_size(TILE / 8u, TILE / 16u)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let split = group.z % params.splits;
  let batch = group.z / params.splits;
  let row = group.y * TILE + local.y * 16u;
  let column = group.x * TILE + local.x * 8u;
  let depths = (params.k + 15u) / 16u;
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, depths * params.summed);
  // Words from a row (column) to the next, and from one depth to the next.
  let row_step = select(params.k, 1u, params.transpose_a != 0u);
  let depth_step_a = select(1u, params.m, params.transpose_a != 0u);
  let column_step = select(1u, params.k, params.transpose_b != 0u);
  let depth_step_b = select(params.n, 1u, params.transpose_b != 0u);
  let a0 = min(row + lane + 0u, params.m - 1u) * row_step;
  let a1 = min(row + lane + 4u, params.m - 1u) * row_step;
  let a2 = min(row + lane + 8u, params.m - 1u) * row_step;
  let a3 = min(row + lane + 12u, params.m - 1u) * row_step;
  let b0 = min(column + 0u, params.n - 1u) * column_step;
  let b1 = min(column + 1u, params.n - 1u) * column_step;
  let b2 = min(column + 2u, params.n - 1u) * column_step;
  let b3 = min(column + 3u, params.n - 1u) * column_step;
  let b4 = min(column + 4u, params.n - 1u) * column_step;
  let b5 = min(column + 5u, params.n - 1u) * column_step;
  let b6 = min(column + 6u, params.n - 1u) * column_step;
  let b7 = min(column + 7u, params.n - 1u) * column_step;
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
  var l8 = vec4f();
  var r8 = vec4f();
  var l9 = vec4f();
  var r9 = vec4f();
  var l10 = vec4f();
  var r10 = vec4f();
  var l11 = vec4f();
  var r11 = vec4f();
  var l12 = vec4f();
  var r12 = vec4f();
  var l13 = vec4f();
  var r13 = vec4f();
  var l14 = vec4f();
  var r14 = vec4f();
  var l15 = vec4f();
  var r15 = vec4f();
  for (var step = first; step < last; step++) {
    let matrix = batch * params.summed + step / depths;
    let depth0 = (step % depths) * 16u;
    var at_a = matrix * params.step_a + depth0 * depth_step_a;
    var at_b = matrix * params.step_b + depth0 * depth_step_b;
    for (var rest = min(16u, params.k - depth0); rest > 0u; rest--) {
      let left = vec4f(b[at_b + b0], b[at_b + b1], b[at_b + b2], b[at_b + b3]);
      let right = vec4f(b[at_b + b4], b[at_b + b5], b[at_b + b6], b[at_b + b7]);
      let own = vec4f(a[at_a + a0], a[at_a + a1], a[at_a + a2], a[at_a + a3]);
      let lane0 = subgroupBroadcast(own, 0u); // rows 0, 4, 8, 12
      let lane1 = subgroupBroadcast(own, 1u); // rows 1, 5, 9, 13
      let lane2 = subgroupBroadcast(own, 2u);
      let lane3 = subgroupBroadcast(own, 3u);
      l0 += lane0.x * left;
      r0 += lane0.x * right;
      l1 += lane1.x * left;
      r1 += lane1.x * right;
      l2 += lane2.x * left;
      r2 += lane2.x * right;
      l3 += lane3.x * left;
      r3 += lane3.x * right;
      l4 += lane0.y * left;
      r4 += lane0.y * right;
      l5 += lane1.y * left;
      r5 += lane1.y * right;
      l6 += lane2.y * left;
      r6 += lane2.y * right;
      l7 += lane3.y * left;
      r7 += lane3.y * right;
      l8 += lane0.z * left;
      r8 += lane0.z * right;
      l9 += lane1.z * left;
      r9 += lane1.z * right;
      l10 += lane2.z * left;
      r10 += lane2.z * right;
      l11 += lane3.z * left;
      r11 += lane3.z * right;
      l12 += lane0.w * left;
      r12 += lane0.w * right;
      l13 += lane1.w * left;
      r13 += lane1.w * right;
      l14 += lane2.w * left;
      r14 += lane2.w * right;
      l15 += lane3.w * left;
      r15 += lane3.w * right;
      at_a += depth_step_a;
      at_b += depth_step_b;
    }
  }
  let base = (batch * params.splits + split) * params.m * params.n;
  let results = array<vec4f, 32>(
    l0, r0, l1, r1, l2, r2, l3, r3, l4, r4, l5, r5, l6, r6, l7, r7,
    l8, r8, l9, r9, l10, r10, l11, r11, l12, r12, l13, r13, l14, r14, l15, r15,
  );
  for (var i = 0u; i < 32u; i++) { store(base, row + i / 2u, column + i % 2u * 4u, results[i]); }
}
