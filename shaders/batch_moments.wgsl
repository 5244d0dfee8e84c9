// Of every plane of x [images, channels, positions]: (centre, rest, squares), with mean = centre + rest and squares the sum of
// squared deviations from it -> [images, channels] of four
//
// The centre is the mean as a first pass finds it; the rest, what a second pass finds the deviations from it to be on average.
// So the mean has twice the digits of a number, and squares lose none to it.

struct Params { planes: u32, positions: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<vec4f>;

// use plane_lanes

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let plane = ((group.x + group.y * groups.x) * 64u + index) / LANES;
  let lane = index % LANES;
  let live = plane < params.planes;
  let positions = select(0u, params.positions, live);
  let base = plane * params.positions;
  let count = f32(params.positions);
  var sum = 0.0;
  for (var i = lane; i < positions; i += LANES) { sum += x[base + i]; }
  let centre = sums_of_lanes(vec2f(sum, 0.0), index).x / count;
  var deviations = vec2f(); // and their squares
  for (var i = lane; i < positions; i += LANES) {
    let d = x[base + i] - centre;
    deviations += vec2f(d, d * d);
  }
  deviations = sums_of_lanes(deviations, index);
  let rest = deviations.x / count;
  if (live && lane == 0u) { moments[plane] = vec4f(centre, rest, deviations.y - deviations.x * rest, 0.0); }
}
