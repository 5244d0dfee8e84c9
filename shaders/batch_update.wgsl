// next [2, channels] = (1 - momentum) running + momentum (mean, variance times n / (n - 1)), of the n values of a channel
//
// With IN_PLACE the running values lie where the next ones are written.

override IN_PLACE: u32 = 0u;

struct Params { channels: u32, momentum: f32, unbiased: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> running: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> next: array<f32>;

fn update(at: u32, value: f32) {
  var before: f32;
  if (IN_PLACE != 0u) { before = next[at]; } else { before = running[at]; }
  next[at] = (1.0 - params.momentum) * before + params.momentum * value;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let channel = id.x;
  if (channel >= params.channels) { return; }
  let own = statistics[channel];
  update(channel, own.x + own.y);
  update(params.channels + channel, own.w * params.unbiased);
}
