// LANES invocations share a plane, side by side: one where planes are small, so that nothing waits. Few barriers, since on a
// CPU each of them is a turn of all invocations of the workgroup.

override LANES: u32 = 1u;

var<workgroup> lane_sums: array<vec2f, 64>;

// Sums over the lanes of a plane, the same for all of them. `index` is the invocation's in its workgroup.
fn sums_of_lanes(own: vec2f, index: u32) -> vec2f {
  if (LANES == 1u) { return own; }
  lane_sums[index] = own;
  workgroupBarrier();
  let first = index / LANES * LANES;
  var sums = vec2f();
  for (var i = 0u; i < LANES; i++) { sums += lane_sums[first + i]; }
  workgroupBarrier();
  return sums;
}
