// (mean, 1 / sqrt(variance + epsilon)) of every group of channels of every row: x [rows, channels] -> [rows, groups, 2]
//
// Two passes over a group (mean first, then squared deviations): no cancellation. LANES invocations share a group:
// 1 where groups are short, so that nothing waits, 64 where they are long.

override LANES: u32 = 1u;

struct Params { rows: u32, channels: u32, groups: u32, segments: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

var<workgroup> lane_sums: array<f32, 64>;

// Sum over the workgroup where LANES is 64; the value itself where it is 1.
fn total(value: f32, lane: u32) -> f32 {
  if (LANES == 1u) { return value; }
  lane_sums[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { lane_sums[lane] += lane_sums[lane + half]; }
    workgroupBarrier();
  }
  let result = lane_sums[0];
  workgroupBarrier();
  return result;
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
  let base = row * params.channels + part * run;
  let length = select(0u, run * params.segments, live);
  let start = select(lane, 0u, LANES == 1u);
  let count = f32(run * params.segments);
  var sum = 0.0;
  for (var i = start; i < length; i += LANES) { sum += x[base + (i / run) * half + i % run]; }
  let mean = total(sum, lane) / count;
  var squares = 0.0;
  for (var i = start; i < length; i += LANES) {
    let deviation = x[base + (i / run) * half + i % run] - mean;
    squares += deviation * deviation;
  }
  let variance = total(squares, lane) / count;
  if (live && start == 0u) {
    y[index * 2u] = mean;
    y[index * 2u + 1u] = inverseSqrt(variance + params.epsilon);
  }
}
