// y[to(k)] = x[from(k)] for every k of a box of up to six axes
//
// Permute, slice, pad, concat and broadcast are this copy with different strides. Taking an index apart costs a
// division for every axis, so the host merges axes, says how many are left (RANK), and lets one invocation copy a RUN
// of neighbours along the innermost axis where its length allows.

override RANK: u32 = 6u;
override RUN: u32 = 1u;

// [0]: runs, offset in x, offset in y; then six lengths, six strides in x, six strides in y, outermost axis first.
@group(0) @binding(0) var<uniform> params: array<vec4u, 6>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn word(i: u32) -> u32 { return params[i >> 2u][i & 3u]; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= word(0u)) { return; }
  var from_index = word(1u);
  var to_index = word(2u);
  var rest = i * RUN;
  for (var axis = 6u; axis > 7u - RANK; axis--) {
    let length = word(3u + axis);
    let outer = rest / length;
    let step = rest - outer * length;
    from_index += step * word(9u + axis);
    to_index += step * word(15u + axis);
    rest = outer;
  }
  // The outermost axis left takes what remains.
  from_index += rest * word(16u - RANK);
  to_index += rest * word(22u - RANK);
  let from_step = word(15u);
  let to_step = word(21u);
  for (var k = 0u; k < RUN; k++) { y[to_index + k * to_step] = x[from_index + k * from_step]; }
}
