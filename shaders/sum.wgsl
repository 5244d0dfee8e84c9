// y[o, p, i] = factor * sum over the terms t of part p of x[l, o, r, i], where t counts l and r
//
// x is [lead, outer, reduced, inner], y is [outer, parts, inner]. LANES invocations share a result, each with every
// LANES-th term; one of them adds up what they have. Neighbours read neighbours: lanes side by side where inner is 1, else
// results. A long sum is cut into parts by the host and summed again, always the same way for a shape.

override LANES: u32 = 1u;
override LANES_FIRST: u32 = 0u; // neighbours are lanes of one result
override LEAD: u32 = 0u; // lead is not 1
override SQUARES: u32 = 0u; // of the squares of x

struct Params {
  outer: u32, reduced: u32, inner: u32, parts: u32, part_length: u32,
  accumulate: u32, // 1: added to what y holds
  terms: u32, // lead times reduced
  factor: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

var<workgroup> lane_sums: array<f32, 64>;

fn term(base: u32, t: u32) -> f32 {
  var at = base + t * params.inner;
  if (LEAD != 0u) {
    let l = t / params.reduced;
    at += l * (params.outer - 1u) * params.reduced * params.inner;
  }
  let value = x[at];
  if (SQUARES != 0u) { return value * value; }
  return value;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  const SIZE = 64u;
  let width = SIZE / LANES;
  let lane = select(index / width, index % LANES, LANES_FIRST != 0u);
  let result = (group.x + group.y * groups.x) * width + select(index % width, index / LANES, LANES_FIRST != 0u);
  let i = result % params.inner;
  let rest = result / params.inner;
  let p = rest % params.parts;
  let o = rest / params.parts;
  let live = o < params.outer;
  let last = select(0u, min((p + 1u) * params.part_length, params.terms), live);
  let base = o * params.reduced * params.inner + i;
  // Four running sums: independent adds hide latency and lose less to rounding than one.
  var total = vec4f();
  var t = p * params.part_length + lane;
  for (; t + 3u * LANES < last; t += 4u * LANES) {
    total += vec4f(term(base, t), term(base, t + LANES), term(base, t + 2u * LANES), term(base, t + 3u * LANES));
  }
  for (; t < last; t += LANES) { total.x += term(base, t); }
  var sum = (total.x + total.y) + (total.z + total.w);
  if (LANES > 1u) {
    lane_sums[index] = sum;
    workgroupBarrier();
    let next = select(width, 1u, LANES_FIRST != 0u);
    for (var other = 1u; lane == 0u && other < LANES; other++) { sum += lane_sums[index + other * next]; }
  }
  if (!live || lane != 0u) { return; }
  sum *= params.factor;
  if (params.accumulate != 0u) { sum += y[result]; }
  y[result] = sum;
}
