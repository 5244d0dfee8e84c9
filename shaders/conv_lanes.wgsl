// y[image, row, position] = sum over channels and taps of weight[row, channel, tap] x[image, channel, position + tap] + bias
//
// The convolution, and its gradient by images, for adapters that compute on the CPU with lanes of four (SwiftShader): as
// matmul_lanes.wgsl, with the patches of images for b. The channels of a tap are summed one after the other, so that where
// the columns lie, and which of them are past the edge, is settled once a tap.
enable subgroups;

// use pointwise
// use dropout
// use operands
// use product
// use patch_columns

@compute @workgroup_size(4, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let p = params.patches;
  let row = group.y * 16u;
  let column = block_of(group) * 32u + local.x * 8u;
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
        let right = select(vec4f(), vec4f(b[b_right.x], b[b_right.y], b[b_right.z], b[b_right.w]), right_place.inside);
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
