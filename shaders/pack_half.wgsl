// y = x in half precision: for every 128 elements the largest magnitude, then 64 words of two halves, scaled by it
//
// A scale of its own for every run keeps small gradients from vanishing and large ones from overflowing. The scale is
// NaN where an element is not finite, or too large for its inverse: whoever reads the block can tell by the scales.
// One invocation a run. pack2x16float needs no feature of the device.

const RUN = 128u;
const EXPONENT = 0x7f800000u;
const NAN = 0x7fc00000u;
// 2^-126 and 2^126: the inverse of what is smaller, or larger, is no normal number.
const SMALLEST = 1.1754944e-38;
const LARGEST = 8.507059e37;

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
  var finite = true;
  for (var i = 0u; i < RUN; i++) {
    let value = at(first + i);
    // By the bits: what comparisons do with NaN is up to the device.
    finite = finite && (bitcast<u32>(value) & EXPONENT) != EXPONENT;
    largest = max(largest, abs(value));
  }
  let scale = select(1.0 / largest, 0.0, largest < SMALLEST);
  let to = run * (RUN / 2u + 1u);
  y[to] = select(NAN, bitcast<u32>(largest), finite && largest <= LARGEST);
  for (var i = 0u; i < RUN; i += 2u) {
    y[to + 1u + i / 2u] = pack2x16float(vec2f(at(first + i), at(first + i + 1u)) * scale);
  }
}
