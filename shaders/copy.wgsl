// y[to(k)] = x[from(k)] for every k of a box of up to six axes
//
// Permute, slice, pad, concat and broadcast are this copy with different strides. One invocation an element, in the
// order of the box; the host merges axes so that few divisions are left.

// [0]: size, offset in x, offset in y; then six lengths, six strides in x, six strides in y, outermost axis first.
@group(0) @binding(0) var<uniform> params: array<vec4u, 6>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn word(i: u32) -> u32 { return params[i >> 2u][i & 3u]; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= word(0u)) { return; }
  var source = word(1u);
  var target_index = word(2u);
  var rest = i;
  for (var axis = 6u; axis > 0u; axis--) {
    let length = word(3u + axis);
    let outer = rest / length;
    let step = rest - outer * length;
    source += step * word(9u + axis);
    target_index += step * word(15u + axis);
    rest = outer;
  }
  y[target_index] = x[source];
}
