// (mean, 1 / sqrt(variance + epsilon)) of every group of channels of every row: x [rows, channels] -> [rows, groups, 2],
// and, with APPLY, y = (x - mean) / sqrt(variance + epsilon) weight + bias
//
// Two passes over a group (mean first, then squared deviations): no cancellation. LANES invocations share a group:
// 1 where groups are short, so that nothing waits, 64 where they are long.

override LANES: u32 = 1u;
override APPLY: u32 = 0u;
override KEEP: u32 = 1u; // statistics are wanted

struct Params { norm: Layout, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

// use norm

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
  let l = params.norm;
  let index = ((group.x + group.y * groups.x) * 64u + lane) / LANES;
  let live = index < l.rows * l.groups;
  let row = index / l.groups;
  let own = own_channels(l, index - row * l.groups);
  let half = l.channels / l.segments;
  let start = own.x + select(lane, 0u, LANES == 1u);
  let segments = select(0u, l.segments, live);
  let count = f32((own.y - own.x) * l.segments);
  var sum = 0.0;
  for (var segment = 0u; segment < segments; segment++) {
    let base = row * l.channels + segment * half;
    for (var c = start; c < own.y; c += LANES) { sum += x[base + c]; }
  }
  let mean = total(sum, lane) / count;
  var squares = 0.0;
  for (var segment = 0u; segment < segments; segment++) {
    let base = row * l.channels + segment * half;
    for (var c = start; c < own.y; c += LANES) {
      let deviation = x[base + c] - mean;
      squares += deviation * deviation;
    }
  }
  let rstd = inverseSqrt(total(squares, lane) / count + params.epsilon);
  if (KEEP != 0u && live && start == own.x) {
    statistics[index * 2u] = mean;
    statistics[index * 2u + 1u] = rstd;
  }
  if (APPLY == 0u) { return; }
  for (var segment = 0u; segment < segments; segment++) {
    let base = row * l.channels + segment * half;
    for (var c = start; c < own.y; c += LANES) {
      let channel = segment * half + c;
      y[base + c] = (x[base + c] - mean) * rstd * weight[channel] + bias[channel];
    }
  }
}
