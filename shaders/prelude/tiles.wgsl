// Elements of the operands of a product in tiles, zero past the edge: of matrices, or of patches and their weights.

override TRANSPOSE_A: u32 = 0u;
override TRANSPOSE_B: u32 = 0u;

// Channel, row and column of a tap of the patches.
fn tap_of(index: u32) -> vec3u {
  let p = params.patches;
  let channel = quotient(index, p.taps, p.by_taps);
  let tap = index - channel * p.taps;
  let r = quotient(tap, p.taps_width, p.by_taps_width);
  return vec3u(channel, r, tap - r * p.taps_width);
}

fn load_patch(base: u32, tap_index: u32, position: u32) -> f32 {
  let p = params.patches;
  let tap = tap_of(tap_index);
  let at = position_of(position);
  let place = at.yz * p.scale + p.offset + tap.yz * p.step;
  if (place.x >= p.height || place.y >= p.width) { return 0.0; }
  return b[base + at.x * p.image + tap.x * p.plane + place.x * p.width + place.y];
}

fn load_a(base: u32, row: u32, depth: u32) -> f32 {
  if (row >= params.m || depth >= params.k) { return 0.0; }
  if (PATCHES == 1u) {
    let p = params.patches;
    let tap = tap_of(depth);
    return a[p.a_first + row * p.a_row + tap.x * p.a_channel + tap.y * p.a_down + tap.z * p.a_across];
  }
  if (TRANSPOSE_A != 0u) { return a[base + depth * params.m + row]; }
  return a[base + row * params.k + depth];
}

fn load_b(base: u32, depth: u32, column: u32) -> f32 {
  if (column >= params.n || depth >= params.k) { return 0.0; }
  if (PATCHES == 1u) { return load_patch(base, depth, column); }
  if (PATCHES == 2u) { return load_patch(base, column, depth); }
  if (TRANSPOSE_B != 0u) { return b[base + column * params.k + depth]; }
  return b[base + depth * params.n + column];
}

// Place (depth, group of four) that a lane fills in a slice of so many groups: neighbouring lanes read neighbouring words,
// along the depth where that is the contiguous axis, else along the groups.
fn place(index: u32, groups: u32, depth_contiguous: bool) -> vec2u {
  if (depth_contiguous) { return vec2u(index % 16u, index / 16u); }
  return vec2u(index / groups, index % groups);
}
