// y = x in half precision: for every 128 elements the largest magnitude, then 64 words of two halves, scaled by it
//
// A scale of its own for every run keeps small gradients from vanishing and large ones from overflowing. One invocation
// a run. pack2x16float needs no feature of the device.

const RUN = 128u;

struct Params { size: u32, first: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

fn at(i: u32) -> f32 { return select(0.0, x[params.first + i], i < params.size); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let run = id.x + id.y * groups.x * 64u;
  let first = run * RUN;
  if (first >= params.size) { return; }
  var largest = 0.0;
  for (var i = 0u; i < RUN; i++) { largest = max(largest, abs(at(first + i))); }
  let scale = select(1.0 / largest, 0.0, largest == 0.0);
  let to = run * (RUN / 2u + 1u);
  y[to] = bitcast<u32>(largest);
  for (var i = 0u; i < RUN; i += 2u) {
    y[to + 1u + i / 2u] = pack2x16float(vec2f(at(first + i), at(first + i + 1u)) * scale);
  }
}
