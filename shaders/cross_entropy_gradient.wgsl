// dx[row, c] = dy[row] (softmax(x[row])[c] - target[c]), target = smoothing / classes, and 1 - smoothing more at the label
//
// The softmax is computed anew: that takes two passes over a row, and no memory.

struct Params { rows: u32, classes: u32, smoothing: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// use row_lanes

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = ((group.x + group.y * groups.x) * 64u + lane) / LANES;
  let live = row < params.rows;
  let start = select(lane, 0u, LANES == 1u);
  let classes = select(0u, params.classes, live);
  let base = row * params.classes;
  var largest = -3.4028234e38;
  for (var c = start; c < classes; c += LANES) { largest = max(largest, x[base + c]); }
  largest = largest_of_lanes(largest, lane);
  var exponentials = 0.0;
  for (var c = start; c < classes; c += LANES) { exponentials += exp(x[base + c] - largest); }
  exponentials = sum_of_lanes(exponentials, lane);
  let others = params.smoothing / f32(params.classes);
  let label = select(0u, labels[min(row, params.rows - 1u)], live);
  for (var c = start; c < classes; c += LANES) {
    let target_of_c = select(others, others + 1.0 - params.smoothing, c == label);
    dx[base + c] = dy[row] * (exp(x[base + c] - largest) / exponentials - target_of_c);
  }
}
