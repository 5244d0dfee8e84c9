// dx = scale / sqrt(variance + epsilon) (dy - mean dy - xhat mean (dy xhat)), means over the n values of a channel; with FIXED,
// where the statistics are not of x, scale / sqrt(variance + epsilon) dy
//
// x [images, channels, positions], sums [2, channels] of dy and dy xhat. With IN_PLACE dy lies where dx is written.

override FIXED: u32 = 0u;
override IN_PLACE: u32 = 0u;

struct Params { size: u32, channels: u32, positions: u32, count: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= params.size) { return; }
  let channel = i / params.positions % params.channels;
  let own = statistics[channel];
  var g: f32;
  if (IN_PLACE != 0u) { g = dx[i]; } else { g = dy[i]; }
  let slope = scale[channel] * own.z;
  if (FIXED != 0u) {
    dx[i] = slope * g;
    return;
  }
  let xhat = ((x[i] - own.x) - own.y) * own.z;
  let mean = sums[channel] / params.count;
  let mean_product = sums[params.channels + channel] / params.count;
  dx[i] = slope * ((g - mean) - xhat * mean_product);
}
