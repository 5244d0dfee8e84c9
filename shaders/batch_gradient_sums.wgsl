// Of every plane of x and dy [images, channels, positions]: the sums of dy and of dy xhat -> [images, 2, channels], with
// xhat = (x - mean) / sqrt(variance + epsilon)

struct Params { planes: u32, channels: u32, positions: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

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
  let image = plane / params.channels;
  let channel = plane - image * params.channels;
  let own = statistics[channel];
  var both = vec2f(); // of dy, and of dy xhat
  for (var i = lane; i < positions; i += LANES) {
    let g = dy[base + i];
    both += vec2f(g, g * (((x[base + i] - own.x) - own.y) * own.z));
  }
  both = sums_of_lanes(both, index);
  if (live && lane == 0u) {
    let at = 2u * image * params.channels + channel;
    sums[at] = both.x;
    sums[at + params.channels] = both.y;
  }
}
