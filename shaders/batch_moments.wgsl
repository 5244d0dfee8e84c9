// Of every plane of x [images, channels, positions]: (centre, rest, squares), with mean = centre + rest and squares the sum of
// squared deviations from it -> [images, channels] of four
//
// The centre is the mean as a first pass finds it; the rest, what a second pass finds the deviations from it to be on average.
// So the mean has twice the digits of a number, and squares lose none to it.

struct Params { planes: u32, positions: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<vec4f>;

// use row_lanes

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let plane = ((group.x + group.y * groups.x) * 64u + lane) / LANES;
  let live = plane < params.planes;
  let start = select(lane, 0u, LANES == 1u);
  let positions = select(0u, params.positions, live);
  let base = plane * params.positions;
  let count = f32(params.positions);
  var sum = 0.0;
  for (var i = start; i < positions; i += LANES) { sum += x[base + i]; }
  let centre = sum_of_lanes(sum, lane) / count;
  var deviations = 0.0;
  var squares = 0.0;
  for (var i = start; i < positions; i += LANES) {
    let d = x[base + i] - centre;
    deviations += d;
    squares += d * d;
  }
  deviations = sum_of_lanes(deviations, lane);
  squares = sum_of_lanes(squares, lane);
  let rest = deviations / count;
  if (live && start == 0u) { moments[plane] = vec4f(centre, rest, squares - deviations * rest, 0.0); }
}
