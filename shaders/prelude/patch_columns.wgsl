// Four neighbouring columns of patches, where they are positions: where they lie in the images, and what a tap finds there.

struct Positions {
  image: vec4u, // first element of each one's image
  row: vec4u, column: vec4u, // where tap (0, 0) is
}

struct Tap {
  at: vec4u, // of the first channel; the beginning of the image where it is outside
  inside: vec4<bool>,
}

// Past the edge the last one is repeated.
fn positions_from(column: u32) -> Positions {
  let p = params.patches;
  let last = params.n - 1u;
  let p0 = position_of(min(column, last));
  let p1 = position_of(min(column + 1u, last));
  let p2 = position_of(min(column + 2u, last));
  let p3 = position_of(min(column + 3u, last));
  return Positions(
    vec4u(p0.x, p1.x, p2.x, p3.x) * p.image,
    vec4u(p0.y, p1.y, p2.y, p3.y) * p.scale.x + p.offset.x,
    vec4u(p0.z, p1.z, p2.z, p3.z) * p.scale.y + p.offset.y,
  );
}

fn tap_at(positions: Positions, r: u32, s: u32) -> Tap {
  let p = params.patches;
  let row = positions.row + r * p.step.x;
  let column = positions.column + s * p.step.y;
  let inside = (row < vec4u(p.height)) & (column < vec4u(p.width));
  return Tap(positions.image + select(vec4u(), row * p.width + column, inside), inside);
}
