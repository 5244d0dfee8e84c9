// The kernel of conv_direct.wgsl and conv_direct_narrow.wgsl.

@compute @workgroup_size(4, 2)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let p = params.patches;
  let row = group.y * 16u + local.y * 8u;
  let column = (block_of(group) * 4u + local.x) * (4u + RIGHT);
  if (row >= params.m || column >= params.n) { return; }
  let a0 = min(row + 0u, params.m - 1u) * p.a_row;
  let a1 = min(row + 1u, params.m - 1u) * p.a_row;
  let a2 = min(row + 2u, params.m - 1u) * p.a_row;
  let a3 = min(row + 3u, params.m - 1u) * p.a_row;
  let a4 = min(row + 4u, params.m - 1u) * p.a_row;
  let a5 = min(row + 5u, params.m - 1u) * p.a_row;
  let a6 = min(row + 6u, params.m - 1u) * p.a_row;
  let a7 = min(row + 7u, params.m - 1u) * p.a_row;
  let left_at = positions_from(column);
  let right_at = positions_from(column + 4u);
// use direct_sums
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
        let top = vec4f(a[at_a + a0], a[at_a + a1], a[at_a + a2], a[at_a + a3]);
        let bottom = vec4f(a[at_a + a4], a[at_a + a5], a[at_a + a6], a[at_a + a7]);
// use direct_step
        at_a += p.a_channel;
        b_left += p.plane;
        b_right += p.plane;
      }
    }
  }
  let base = 0u;
// use direct_store
}
