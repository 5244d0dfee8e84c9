// Elements of the operands of a product in tiles, zero past the edge: of matrices, or of patches and their weights.

override TRANSPOSE_A: u32 = 0u;
override TRANSPOSE_B: u32 = 0u;

fn load_a(base: u32, row: u32, depth: u32) -> f32 {
  if (row >= params.m || depth >= params.k) { return 0.0; }
  if (TRANSPOSE_A != 0u) { return a[base + depth * params.m + row]; }
  return a[base + row * params.k + depth];
}

fn load_b(base: u32, depth: u32, column: u32) -> f32 {
  if (column >= params.n || depth >= params.k) { return 0.0; }
  if (TRANSPOSE_B != 0u) { return b[base + column * params.k + depth]; }
  return b[base + depth * params.n + column];
}

// Channel, row and column of a tap of the patches.
fn tap_of(index: u32) -> vec3u {
  let p = params.patches;
  let channel = quotient(index, p.taps, p.by_taps);
  let tap = index - channel * p.taps;
  let r = quotient(tap, p.taps_width, p.by_taps_width);
  return vec3u(channel, r, tap - r * p.taps_width);
}

fn load_weight(at: u32, row: u32, depth: u32) -> f32 {
  if (row >= params.m || depth >= params.k) { return 0.0; }
  return a[at + row * params.patches.a_row];
}

fn load_patch(base: u32, tap: vec3u, position: vec3u, depth: u32, column: u32) -> f32 {
  let p = params.patches;
  let place = position.yz * p.scale + p.offset + tap.yz * p.step;
  if (column >= params.n || depth >= params.k || place.x >= p.height || place.y >= p.width) { return 0.0; }
  return b[base + position.x * p.image + tap.x * p.plane + place.x * p.width + place.y];
}

// Four rows of a at a depth.
fn load_rows(base: u32, row: u32, depth: u32) -> vec4f {
  if (PATCHES == 1u) {
    let p = params.patches;
    let tap = tap_of(depth);
    let at = p.a_first + tap.x * p.a_channel + tap.y * p.a_down + tap.z * p.a_across;
    return vec4f(load_weight(at, row, depth), load_weight(at, row + 1u, depth),
      load_weight(at, row + 2u, depth), load_weight(at, row + 3u, depth));
  }
  return vec4f(load_a(base, row, depth), load_a(base, row + 1u, depth),
    load_a(base, row + 2u, depth), load_a(base, row + 3u, depth));
}

// Four columns of b at a depth. A lane has the same columns all along, so what they are is found once.
fn load_columns(base: u32, depth: u32, column: u32) -> vec4f {
  if (PATCHES == 1u) {
    let tap = tap_of(depth);
    return vec4f(load_patch(base, tap, position_of(column), depth, column),
      load_patch(base, tap, position_of(column + 1u), depth, column + 1u),
      load_patch(base, tap, position_of(column + 2u), depth, column + 2u),
      load_patch(base, tap, position_of(column + 3u), depth, column + 3u));
  }
  if (PATCHES == 2u) {
    let position = position_of(depth);
    return vec4f(load_patch(base, tap_of(column), position, depth, column),
      load_patch(base, tap_of(column + 1u), position, depth, column + 1u),
      load_patch(base, tap_of(column + 2u), position, depth, column + 2u),
      load_patch(base, tap_of(column + 3u), position, depth, column + 3u));
  }
  return vec4f(load_b(base, depth, column), load_b(base, depth, column + 1u),
    load_b(base, depth, column + 2u), load_b(base, depth, column + 3u));
}

// Place (depth, group of four) that a lane fills in a slice of so many groups: neighbouring lanes read neighbouring words,
// along the depth where that is the contiguous axis, else along the groups.
fn place(index: u32, groups: u32, depth_contiguous: bool) -> vec2u {
  if (depth_contiguous) { return vec2u(index % 16u, index / 16u); }
  return vec2u(index / groups, index % groups);
}
