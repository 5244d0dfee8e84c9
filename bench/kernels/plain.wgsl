// y[b] = sum over s of A[b, s] B[b, s], with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// The reference of the laboratory: one invocation an element, no tiles, no workgroup memory, nothing to get wrong.
// Products are added in runs of 32 and the runs then, so that long sums round less.

struct Params { m: u32, n: u32, k: u32, summed: u32, step_a: u32, step_b: u32, transpose_a: u32, transpose_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.y >= params.m || id.x >= params.n) { return; }
  let row_step = select(params.k, 1u, params.transpose_a != 0u);
  let depth_step_a = select(1u, params.m, params.transpose_a != 0u);
  let column_step = select(1u, params.k, params.transpose_b != 0u);
  let depth_step_b = select(params.n, 1u, params.transpose_b != 0u);
  var total = 0.0;
  for (var s = id.z * params.summed; s < (id.z + 1u) * params.summed; s++) {
    var at_a = s * params.step_a + id.y * row_step;
    var at_b = s * params.step_b + id.x * column_step;
    for (var depth = 0u; depth < params.k; depth += 32u) {
      var run = 0.0;
      for (var rest = min(32u, params.k - depth); rest > 0u; rest--) {
        run += a[at_a] * b[at_b];
        at_a += depth_step_a;
        at_b += depth_step_b;
      }
      total += run;
    }
  }
  y[(id.z * params.m + id.y) * params.n + id.x] = total;
}
