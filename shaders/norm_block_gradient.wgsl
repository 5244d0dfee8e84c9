// dx = rstd (g - mean(g) - xhat mean(g xhat)) for a block of channels, given the sums over whole groups
//
// g = dy weight and xhat = (x - mean) rstd, as in norm_gradient. One invocation an element. With IN_PLACE dx holds dy.

override IN_PLACE: u32 = 0u;

struct Params { norm: Layout }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

// use norm

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let l = params.norm;
  let i = id.x + id.y * groups.x * 64u;
  if (i >= l.rows * l.channels) { return; }
  let row = i / l.channels;
  let channel = i % l.channels;
  let place = channel % (l.channels / l.segments);
  if (place >= l.own) { // padding
    dx[i] = 0.0;
    return;
  }
  let s = (row * l.groups + group_of(l, channel)) * 2u;
  let count = f32(l.whole / l.groups * l.segments);
  let xhat = (x[i] - statistics[s]) * statistics[s + 1u];
  var gradient: f32;
  if (IN_PLACE != 0u) { gradient = dx[i]; } else { gradient = dy[i]; }
  dx[i] = statistics[s + 1u] * (gradient * weight[channel] - sums[s] / count - xhat * sums[s + 1u] / count);
}
