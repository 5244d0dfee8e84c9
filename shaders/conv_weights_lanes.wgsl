// y[row, (channel, tap)] = sum over images and positions of dy[image, row, position] x[image, channel, position + tap]
//
// The gradient of a convolution by its weights for adapters that compute on the CPU with lanes of four (SwiftShader): as
// matmul_lanes.wgsl, with the transposed patches of images for b. A slice of the inner axis is a row of positions: which of
// the columns are past the edge above or below is settled once a row, and along it a comparison tells.
enable subgroups;

// use pointwise
// use dropout
// use operands
// use product
// use eight_columns
// use patch_taps

@compute @workgroup_size(4, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let p = params.patches;
  let split = group.z;
  let row = group.y * 16u;
  let column = group.x * 32u + local.x * 8u;
  let rows = params.k / p.grid_width; // of positions
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, rows * params.summed);
  let a0 = min(row + lane + 0u, params.m - 1u) * params.k;
  let a1 = min(row + lane + 4u, params.m - 1u) * params.k;
  let a2 = min(row + lane + 8u, params.m - 1u) * params.k;
  let a3 = min(row + lane + 12u, params.m - 1u) * params.k;
  let left_taps = taps_from(column);
  let right_taps = taps_from(column + 4u);
// use lanes_sums
  for (var step = first; step < last; step++) {
    let image = step / rows;
    let i = step - image * rows;
    let left_row = row_at(left_taps, image, i);
    let right_row = row_at(right_taps, image, i);
    var left_x = left_row.x;
    var right_x = right_row.x;
    var at_a = image * params.step_a + i * p.grid_width;
    for (var j = 0u; j < p.grid_width; j++) {
      let bl = left_row.at + left_x;
      let br = right_row.at + right_x;
      let left = select(vec4f(), vec4f(b[bl.x], b[bl.y], b[bl.z], b[bl.w]), left_x < vec4u(p.width));
      let right = select(vec4f(), vec4f(b[br.x], b[br.y], b[br.z], b[br.w]), right_x < vec4u(p.width));
      let own = vec4f(a[at_a + a0], a[at_a + a1], a[at_a + a2], a[at_a + a3]);
// use lanes_step
      at_a += 1u;
      left_x += p.scale.y;
      right_x += p.scale.y;
    }
  }
  let base = split * params.m * params.n;
// use lanes_store
}
