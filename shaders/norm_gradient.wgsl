// dx = rstd (g - mean(g) - xhat mean(g xhat)) with g = dy weight, xhat = (x - mean) rstd, means over the group
//
// One group of one row is shared by LANES invocations, as in norm_statistics. With IN_PLACE dx holds dy: an invocation
// writes only elements that no other one reads.

override LANES: u32 = 1u;
override IN_PLACE: u32 = 0u;

struct Params { rows: u32, channels: u32, groups: u32, segments: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

fn gradient(i: u32) -> f32 {
  if (IN_PLACE != 0u) { return dx[i]; }
  return dy[i];
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
  let index = ((group.x + group.y * groups.x) * 64u + lane) / LANES;
  let live = index < params.rows * params.groups;
  let row = index / params.groups;
  let part = index % params.groups;
  let run = params.channels / (params.groups * params.segments);
  let half = params.channels / params.segments;
  let first_channel = part * run;
  let base = row * params.channels;
  let length = select(0u, run * params.segments, live);
  let start = select(lane, 0u, LANES == 1u);
  let at = select(0u, index * 2u, live);
  let mean = statistics[at];
  let rstd = statistics[at + 1u];
  var sums = vec2f();
  for (var i = start; i < length; i += LANES) {
    let channel = first_channel + (i / run) * half + i % run;
    let g = gradient(base + channel) * weight[channel];
    sums += vec2f(g, g * (x[base + channel] - mean) * rstd);
  }
  let means = total(sums, lane) / f32(run * params.segments);
  for (var i = start; i < length; i += LANES) {
    let channel = first_channel + (i / run) * half + i % run;
    let xhat = (x[base + channel] - mean) * rstd;
    dx[base + channel] = rstd * (gradient(base + channel) * weight[channel] - means.x - xhat * means.y);
  }
}
