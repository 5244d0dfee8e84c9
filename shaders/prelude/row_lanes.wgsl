// LANES invocations share a row: 1 where rows are short, so that nothing waits, 64 (a workgroup) where they are long.

override LANES: u32 = 1u;

var<workgroup> lane_values: array<f32, 64>;

// Sum over the lanes of a row, the same for all of them.
fn sum_of_lanes(value: f32, lane: u32) -> f32 {
  if (LANES == 1u) { return value; }
  lane_values[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { lane_values[lane] += lane_values[lane + half]; }
    workgroupBarrier();
  }
  let result = lane_values[0];
  workgroupBarrier();
  return result;
}

// Largest value of the lanes of a row.
fn largest_of_lanes(value: f32, lane: u32) -> f32 {
  if (LANES == 1u) { return value; }
  lane_values[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { lane_values[lane] = max(lane_values[lane], lane_values[lane + half]); }
    workgroupBarrier();
  }
  let result = lane_values[0];
  workgroupBarrier();
  return result;
}
