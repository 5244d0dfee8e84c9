// dx[plane, pixel] = sum of dy over the windows that the pixel is the first maximum of, or with AVERAGE of dy times the factor
// over all windows that cover it
//
// Gathered by the pixels, so nothing is added by two invocations. Which pixel a maximum came from is found anew: the first in
// order that is as large as the window's. So no indices are kept; x and y are in memory anyway.

override AVERAGE: u32 = 0u;

struct Params { windows: Windows }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// use windows

// Whether a pixel before (h, c) in the window is as large.
fn came_earlier(base: u32, rows: vec2u, columns: vec2u, h: u32, c: u32, value: f32) -> bool {
  let width = params.windows.width;
  for (var r = rows.x; r <= h; r++) {
    let end = select(columns.y, c, r == h);
    for (var s = columns.x; s < end; s++) {
      if (x[base + r * width + s] == value) { return true; }
    }
  }
  return false;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let w = params.windows;
  let index = id.x + id.y * groups.x * 64u;
  if (index >= w.size) { return; }
  let row = index / w.width;
  let plane = row / w.height;
  let h = row - plane * w.height;
  let c = index - row * w.width;
  let down = covering(h, w.kernel_height, w.stride_height, w.padding_height, w.rows);
  let across = covering(c, w.kernel_width, w.stride_width, w.padding_width, w.columns);
  let base = plane * w.height * w.width;
  var sum = 0.0;
  for (var i = down.x; i < down.y; i++) {
    for (var j = across.x; j < across.y; j++) {
      let at = (plane * w.rows + i) * w.columns + j;
      if (AVERAGE != 0u) {
        sum += dy[at];
        continue;
      }
      let value = x[index];
      if (value == y[at] && !came_earlier(base, window_rows(w, i), window_columns(w, j), h, c, value)) { sum += dy[at]; }
    }
  }
  dx[index] = select(sum, sum * w.factor, AVERAGE != 0u);
}
