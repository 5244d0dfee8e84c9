// Moments of planes [images, channels] of four -> of every channel (centre, rest, 1 / sqrt(variance + epsilon), variance), with
// mean = centre + rest
//
// One image after the other, by the formula of Chan, Golub and LeVeque (1979): differences of means, and no squares of them. With
// VARIANCES the fourth number of a plane is its variance, in place of the third: statistics of equal parts are merged like that.

override VARIANCES: u32 = 0u;

struct Params { images: u32, channels: u32, positions: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> moments: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> statistics: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let channel = id.x;
  if (channel >= params.channels) { return; }
  let first = moments[channel];
  let centre = first.x;
  var rest = first.y;
  var squares = select(first.z, first.w, VARIANCES != 0u);
  for (var image = 1u; image < params.images; image++) {
    let own = moments[image * params.channels + channel];
    let share = 1.0 / f32(image + 1u);
    let d = (own.x - centre) + (own.y - rest);
    rest += d * share;
    squares += select(own.z, own.w, VARIANCES != 0u) + d * d * (f32(params.positions) * f32(image) * share);
  }
  let variance = squares / (f32(params.images) * f32(params.positions));
  statistics[channel] = vec4f(centre, rest, 1.0 / sqrt(variance + params.epsilon), variance);
}
