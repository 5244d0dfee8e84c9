// Nothing: what a dispatch costs. The write that never happens makes each wait for the one before, as kernels do.

@group(0) @binding(0) var<uniform> never: u32;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (never != 0u) { y[id.x] = 1.0; }
}
