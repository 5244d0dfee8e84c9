// dx = rstd (g - mean(g) - xhat mean(g xhat)) with g = dy weight, xhat = (x - mean) rstd, means over the group; with
// ADDED also `added`, the gradient that x has from elsewhere
//
// One group of one row is shared by LANES invocations, as in norm_statistics. dx may hold dy (PLACE 1) or `added` (2): an
// invocation writes only elements that no other one reads.

override LANES: u32 = 1u;
override ADDED: u32 = 0u;
override PLACE: u32 = 0u;

struct Params { norm: Layout }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> added: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

// use norm

fn gradient(i: u32) -> f32 {
  if (PLACE == 1u) { return dx[i]; }
  return dy[i];
}

fn addend(i: u32) -> f32 {
  if (ADDED == 0u) { return 0.0; }
  if (PLACE == 2u) { return dx[i]; }
  return added[i];
}

var<workgroup> lane_sums: array<vec2f, 64>;

fn total(value: vec2f, lane: u32) -> vec2f {
  if (LANES == 1u) { return value; }
  lane_sums[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { lane_sums[lane] += lane_sums[lane + half]; }
    workgroupBarrier();
  }
  return lane_sums[0];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let l = params.norm;
  let index = ((group.x + group.y * groups.x) * 64u + lane) / LANES;
  let live = index < l.rows * l.groups;
  let row = index / l.groups;
  let own = own_channels(l, index - row * l.groups);
  let half = l.channels / l.segments;
  let start = own.x + select(lane, 0u, LANES == 1u);
  let segments = select(0u, l.segments, live);
  let at = select(0u, index * 2u, live);
  let mean = statistics[at];
  let rstd = statistics[at + 1u];
  var sums = vec2f();
  for (var segment = 0u; segment < segments; segment++) {
    for (var c = start; c < own.y; c += LANES) {
      let channel = segment * half + c;
      let i = row * l.channels + channel;
      let g = gradient(i) * weight[channel];
      sums += vec2f(g, g * (x[i] - mean) * rstd);
    }
  }
  let means = total(sums, lane) / f32((own.y - own.x) * l.segments);
  for (var segment = 0u; segment < segments; segment++) {
    for (var c = start; c < own.y; c += LANES) {
      let channel = segment * half + c;
      let i = row * l.channels + channel;
      let xhat = (x[i] - mean) * rstd;
      dx[i] = addend(i) + rstd * (gradient(i) * weight[channel] - means.x - xhat * means.y);
    }
  }
}
