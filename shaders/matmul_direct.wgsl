// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// For adapters that compute on the CPU. There a barrier costs more than it saves, since the caches hold the operands
// anyway: an invocation makes 8 x 8 results (l and r: left and right four columns) straight from the operands, in two
// dozen lines that compile ten times faster than the tiled kernel. Same operands and dispatch as matmul.wgsl
// (TILE = 64) and matmul_small.wgsl (TILE = 32). Rows and columns past the edge repeat the last one and are not stored.

override TILE: u32 = 64u;

// use pointwise
// use dropout
// use operands
// use product
// use eight_columns

@compute @workgroup_size(TILE / 8u, TILE / 8u)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let split = group.z % params.splits;
  let batch = group.z / params.splits;
  let row = group.y * TILE + local.y * 8u;
  let column = group.x * TILE + local.x * 8u;
  if (row >= params.m || column >= params.n) { return; }
  let depths = (params.k + 15u) / 16u;
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, depths * params.summed);
  // Words from a row (column) to the next, and from one depth to the next.
  let row_step = select(params.k, 1u, params.transpose_a != 0u);
  let depth_step_a = select(1u, params.m, params.transpose_a != 0u);
  let column_step = select(1u, params.k, params.transpose_b != 0u);
  let depth_step_b = select(params.n, 1u, params.transpose_b != 0u);
  let a0 = min(row + 0u, params.m - 1u) * row_step;
  let a1 = min(row + 1u, params.m - 1u) * row_step;
  let a2 = min(row + 2u, params.m - 1u) * row_step;
  let a3 = min(row + 3u, params.m - 1u) * row_step;
  let a4 = min(row + 4u, params.m - 1u) * row_step;
  let a5 = min(row + 5u, params.m - 1u) * row_step;
  let a6 = min(row + 6u, params.m - 1u) * row_step;
  let a7 = min(row + 7u, params.m - 1u) * row_step;
  let b0 = min(column + 0u, params.n - 1u) * column_step;
  let b1 = min(column + 1u, params.n - 1u) * column_step;
  let b2 = min(column + 2u, params.n - 1u) * column_step;
  let b3 = min(column + 3u, params.n - 1u) * column_step;
  let b4 = min(column + 4u, params.n - 1u) * column_step;
  let b5 = min(column + 5u, params.n - 1u) * column_step;
  let b6 = min(column + 6u, params.n - 1u) * column_step;
  let b7 = min(column + 7u, params.n - 1u) * column_step;
// use direct_sums
  for (var step = first; step < last; step++) {
    let matrix = batch * params.summed + step / depths;
    let depth0 = (step % depths) * 16u;
    var at_a = matrix * params.step_a + depth0 * depth_step_a;
    var at_b = matrix * params.step_b + depth0 * depth_step_b;
    for (var rest = min(16u, params.k - depth0); rest > 0u; rest--) {
      let left = vec4f(b[at_b + b0], b[at_b + b1], b[at_b + b2], b[at_b + b3]);
      let right = vec4f(b[at_b + b4], b[at_b + b5], b[at_b + b6], b[at_b + b7]);
      let top = vec4f(a[at_a + a0], a[at_a + a1], a[at_a + a2], a[at_a + a3]);
      let bottom = vec4f(a[at_a + a4], a[at_a + a5], a[at_a + a6], a[at_a + a7]);
// use direct_step
      at_a += depth_step_a;
      at_b += depth_step_b;
    }
  }
  let base = (batch * params.splits + split) * params.m * params.n;
// use direct_store
}
