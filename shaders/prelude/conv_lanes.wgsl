// The kernel of conv_lanes.wgsl and conv_lanes_narrow.wgsl.

@compute @workgroup_size(4, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let p = params.patches;
  let row = group.y * 16u;
  let column = (block_of(group) * 4u + local.x) * (4u + RIGHT);
  let a0 = min(row + lane + 0u, params.m - 1u) * p.a_row;
  let a1 = min(row + lane + 4u, params.m - 1u) * p.a_row;
  let a2 = min(row + lane + 8u, params.m - 1u) * p.a_row;
  let a3 = min(row + lane + 12u, params.m - 1u) * p.a_row;
  let left_at = positions_from(column);
  let right_at = positions_from(column + 4u);
// use lanes_sums
  for (var r = 0u; r < p.taps_height; r++) {
    for (var s = 0u; s < p.taps_width; s++) {
      let left_place = tap_at(left_at, r, s);
      let right_place = tap_at(right_at, r, s);
      var b_left = left_place.at;
      var b_right = right_place.at;
      var at_a = p.a_first + r * p.a_down + s * p.a_across;
      for (var channel = 0u; channel < p.channels; channel++) {
        let left = select(vec4f(), vec4f(b[b_left.x], b[b_left.y], b[b_left.z], b[b_left.w]), left_place.inside);
        let four = vec4f(b[b_right.x], b[b_right.y], b[b_right.z], b[b_right.w]);
        let right = right_of(select(vec4f(), four, right_place.inside));
        let own = vec4f(a[at_a + a0], a[at_a + a1], a[at_a + a2], a[at_a + a3]);
// use lanes_step
        at_a += p.a_channel;
        b_left += p.plane;
        b_right += p.plane;
      }
    }
  }
  let base = 0u;
// use lanes_store
}
