// Sums over the own channels of every group of g = dy weight and of g xhat, xhat = (x - mean) rstd: [rows, groups, 2]
//
// x is a block of channels whose groups reach over other blocks; the sums of all blocks make up norm_block_gradient's.

struct Params { norm: Layout }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

// use norm

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let l = params.norm;
  let index = id.x + id.y * groups.x * 64u;
  if (index >= l.rows * l.groups) { return; }
  let row = index / l.groups;
  let part = index % l.groups;
  let half = l.channels / l.segments;
  let own = own_channels(l, part);
  let base = row * l.channels;
  var sums = vec2f();
  for (var segment = 0u; segment < l.segments; segment++) {
    for (var c = own.x; c < own.y; c++) {
      let channel = segment * half + c;
      let g = dy[base + channel] * weight[channel];
      sums += vec2f(g, g * (x[base + channel] - statistics[index * 2u]) * statistics[index * 2u + 1u]);
    }
  }
  y[index * 2u] = sums.x;
  y[index * 2u + 1u] = sums.y;
}
