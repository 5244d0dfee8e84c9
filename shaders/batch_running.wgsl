// Running mean and variance [2, channels] -> statistics of every channel: (mean, 0, 1 / sqrt(variance + epsilon), variance)

struct Params { channels: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> running: array<f32>;
@group(0) @binding(2) var<storage, read_write> statistics: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let channel = id.x;
  if (channel >= params.channels) { return; }
  let variance = running[params.channels + channel];
  statistics[channel] = vec4f(running[channel], 0.0, 1.0 / sqrt(variance + params.epsilon), variance);
}
