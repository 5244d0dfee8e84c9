// Windows of a pooling over planes [height, width]: window (i, j) begins at (i, j) * stride - padding and is as large as the
// kernel; what of it is past the edge does not count.

struct Windows {
  size: u32, // elements of the result
  height: u32, width: u32, // of a plane of x
  rows: u32, columns: u32, // windows of a plane
  kernel_height: u32, kernel_width: u32,
  stride_height: u32, stride_width: u32,
  padding_height: u32, padding_width: u32,
  factor: f32, // of an average: 1 over the elements of a window, padding with them
}

// First row (column) of a window, and the one behind its last, within the plane.
fn window_rows(w: Windows, i: u32) -> vec2u {
  let end = i * w.stride_height + w.kernel_height;
  return min(max(vec2u(i * w.stride_height, end), vec2u(w.padding_height)) - w.padding_height, vec2u(w.height));
}
fn window_columns(w: Windows, j: u32) -> vec2u {
  let end = j * w.stride_width + w.kernel_width;
  return min(max(vec2u(j * w.stride_width, end), vec2u(w.padding_width)) - w.padding_width, vec2u(w.width));
}

// First window along an axis that covers a pixel, and the one behind the last.
fn covering(pixel: u32, kernel: u32, stride: u32, padding: u32, windows: u32) -> vec2u {
  let at = pixel + padding;
  let first = (max(at + 1u, kernel) - kernel + stride - 1u) / stride;
  return vec2u(first, min(at / stride + 1u, windows));
}
