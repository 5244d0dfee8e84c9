// Four neighbouring columns of transposed patches, which are channels and taps: where they meet a row of positions.

struct Taps {
  channel: vec4u, // first element of each one's channel
  row: vec4u, column: vec4u, // where position (0, 0) is
}

struct RowOfPositions {
  at: vec4u, // beginning of the row of the image
  x: vec4u, // column of the image where position 0 is; outside for all positions, where the row is
}

// Far outside, however many positions follow.
const OUTSIDE = 0x80000000u;

fn channel_and_tap(column: u32) -> vec3u {
  let p = params.patches;
  let index = min(column, params.n - 1u); // past the edge the last one is repeated
  let channel = index / p.taps;
  let tap = index - channel * p.taps;
  return vec3u(channel, tap / p.taps_width, tap % p.taps_width);
}

fn taps_from(column: u32) -> Taps {
  let p = params.patches;
  let t0 = channel_and_tap(column);
  let t1 = channel_and_tap(column + 1u);
  let t2 = channel_and_tap(column + 2u);
  let t3 = channel_and_tap(column + 3u);
  return Taps(
    vec4u(t0.x, t1.x, t2.x, t3.x) * p.plane,
    vec4u(t0.y, t1.y, t2.y, t3.y) * p.step.x + p.offset.x,
    vec4u(t0.z, t1.z, t2.z, t3.z) * p.step.y + p.offset.y,
  );
}

fn row_at(taps: Taps, image: u32, i: u32) -> RowOfPositions {
  let p = params.patches;
  let row = taps.row + i * p.scale.x;
  let inside = row < vec4u(p.height);
  let at = image * params.step_b + taps.channel + select(vec4u(), row * p.width, inside);
  return RowOfPositions(at, select(vec4u(OUTSIDE), taps.column, inside));
}
