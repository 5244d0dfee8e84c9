// Elements of the operands of a product in tiles, zero past the edge.

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

// Place (depth, group of four) that a lane fills in a slice of so many groups: neighbouring lanes read neighbouring words,
// along the depth where that is the contiguous axis, else along the groups.
fn place(index: u32, groups: u32, depth_contiguous: bool) -> vec2u {
  if (depth_contiguous) { return vec2u(index % 16u, index / 16u); }
  return vec2u(index / groups, index % groups);
}
