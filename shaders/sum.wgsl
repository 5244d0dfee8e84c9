// y[o, p, i] = sum over r in part p of x[o, r, i]
//
// x is [outer, reduced, inner], y is [outer, parts, inner]. One invocation a result: along inner, neighbours read
// neighbours. A long sum is cut into parts by the host and summed again, always the same way for a shape.

struct Params {
  outer: u32, reduced: u32, inner: u32, parts: u32, part_length: u32,
  accumulate: u32, // 1: added to what y holds
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= params.outer * params.parts * params.inner) { return; }
  let i = index % params.inner;
  let rest = index / params.inner;
  let p = rest % params.parts;
  let o = rest / params.parts;
  let first = p * params.part_length;
  let last = min(first + params.part_length, params.reduced);
  // Four running sums: independent adds hide latency and lose less to rounding than one.
  var total = vec4f();
  var r = first;
  let base = o * params.reduced * params.inner + i;
  for (; r + 4u <= last; r += 4u) {
    let at = base + r * params.inner;
    total += vec4f(x[at], x[at + params.inner], x[at + 2u * params.inner], x[at + 3u * params.inner]);
  }
  for (; r < last; r++) { total.x += x[base + r * params.inner]; }
  var result = (total.x + total.y) + (total.z + total.w);
  if (params.accumulate != 0u) { result += y[index]; }
  y[index] = result;
}
