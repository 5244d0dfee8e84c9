// (mean, 1 / sqrt(variance + epsilon)) of whole groups from those of their blocks: x [members, rows, groups, 2] ->
// [rows, groups, 2]. How many channels of a group a member holds follows from the sizes: blocks are as equal as can be.
//
// With d the difference of two means, of n and m values: mean += d m / (n + m), squares += d^2 n m / (n + m).

struct Params { rows: u32, groups: u32, segments: u32, whole: u32, members: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  let results = params.rows * params.groups;
  if (index >= results) { return; }
  let part = index % params.groups;
  let run = params.whole / params.groups;
  var count = 0.0;
  var mean = 0.0;
  var squares = 0.0;
  for (var member = 0u; member < params.members; member++) {
    let least = params.whole / params.members;
    let longer = params.whole % params.members;
    let first = member * least + min(member, longer);
    let end = first + least + select(0u, 1u, member < longer);
    let low = clamp(part * run, first, end);
    let high = clamp((part + 1u) * run, first, end);
    let more = f32((high - low) * params.segments);
    if (more == 0.0) { continue; }
    let at = (member * results + index) * 2u;
    let difference = x[at] - mean;
    let total = count + more;
    mean += difference * more / total;
    squares += x[at + 1u] + difference * difference * count * more / total;
    count = total;
  }
  y[index * 2u] = mean;
  y[index * 2u + 1u] = inverseSqrt(squares / count + params.epsilon);
}
