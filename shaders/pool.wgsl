// y[plane, window] = the largest of the pixels of a window, or with AVERAGE their mean, padding counting as zeros

override AVERAGE: u32 = 0u;

struct Params { windows: Windows }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// use windows

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let w = params.windows;
  let index = id.x + id.y * groups.x * 64u;
  if (index >= w.size) { return; }
  let row = index / w.columns;
  let plane = row / w.rows;
  let rows = window_rows(w, row - plane * w.rows);
  let columns = window_columns(w, index - row * w.columns);
  let base = plane * w.height * w.width;
  var result = select(x[base + rows.x * w.width + columns.x], 0.0, AVERAGE != 0u);
  for (var h = rows.x; h < rows.y; h++) {
    for (var c = columns.x; c < columns.y; c++) {
      let value = x[base + h * w.width + c];
      if (AVERAGE != 0u) { result += value; } else { result = max(result, value); }
    }
  }
  y[index] = select(result, result * w.factor, AVERAGE != 0u);
}
