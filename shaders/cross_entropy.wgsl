// y[row] = log sum exp x[row] - (1 - smoothing) x[row, label] - smoothing mean x[row]
//
// With d = x - max x, so that no exponential overflows and no two large numbers are subtracted: log sum exp d
// - (1 - smoothing) d[label] - smoothing mean d.

struct Params { rows: u32, classes: u32, smoothing: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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
  var differences = 0.0;
  for (var c = start; c < classes; c += LANES) {
    let d = x[base + c] - largest;
    exponentials += exp(d);
    differences += d;
  }
  exponentials = sum_of_lanes(exponentials, lane);
  differences = sum_of_lanes(differences, lane);
  if (live && start == 0u) {
    let own = x[base + min(labels[row], params.classes - 1u)] - largest;
    y[row] = log(exponentials) - (1.0 - params.smoothing) * own - params.smoothing * (differences / f32(params.classes));
  }
}
