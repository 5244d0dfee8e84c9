// Gradients of scale and shift of a norm, or partial ones of part p of the rows:
//   scale[p, c] = sum over r of dy[r, c] (x[r, c] - mean[r, g]) rstd[r, g];  with SHIFT shift[p, c] = sum over r of dy[r, c]
//
// Four invocations share a channel, each with every fourth row of the part; one of them adds up what they have. Neighbours
// read neighbouring channels. Parts, where there are more than one, are summed afterwards.

override SHIFT: u32 = 0u;

struct Params { norm: Layout, rows_per_part: u32, parts: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> shift: array<f32>;
@group(0) @binding(5) var<storage, read_write> scale: array<f32>;

// use norm

const LANES = 4u;
const WIDTH = 16u;
var<workgroup> lane_sums: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let l = params.norm;
  let result = (group.x + group.y * groups.x) * WIDTH + index % WIDTH;
  let lane = index / WIDTH;
  let live = result < params.parts * l.channels;
  let part = result / l.channels;
  let channel = result - part * l.channels;
  let own = group_of(l, channel);
  let last = select(0u, min((part + 1u) * params.rows_per_part, l.rows), live);
  var sums = vec2f();
  for (var row = part * params.rows_per_part + lane; row < last; row += LANES) {
    let s = (row * l.groups + own) * 2u;
    let i = row * l.channels + channel;
    let gradient = dy[i];
    sums += vec2f(gradient * (x[i] - statistics[s]) * statistics[s + 1u], gradient);
  }
  lane_sums[index] = sums;
  workgroupBarrier();
  if (lane != 0u || !live) { return; }
  for (var other = 1u; other < LANES; other++) { sums += lane_sums[index + other * WIDTH]; }
  if (params.accumulate != 0u) { sums.x += scale[result]; }
  scale[result] = sums.x;
  if (SHIFT != 0u) { shift[result] = sums.y; }
}
