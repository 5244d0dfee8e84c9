// y[row] = (1 where no class comes before the label, 1 where fewer than five do), else 0
//
// A class comes before the label where its value is larger, or as large and earlier in order. A value that is no number is
// before all others, and a label with such a value is behind.

struct Params { rows: u32, classes: u32 }
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
  let label = min(labels[min(row, params.rows - 1u)], params.classes - 1u);
  let own = x[select(0u, base + label, live)];
  var before = 0.0;
  for (var c = start; c < classes; c += LANES) {
    let value = x[base + c];
    let behind = value < own || (value == own && c >= label);
    before += select(1.0, 0.0, behind);
  }
  before = sum_of_lanes(before, lane);
  // Beside a number that is none nothing is behind, not even the label itself.
  if (live && start == 0u) {
    y[2u * row] = select(0.0, 1.0, before < 1.0);
    y[2u * row + 1u] = select(0.0, 1.0, before < 5.0 && before < f32(params.classes));
  }
}
