// One step of Adam, AdamW or SGD with momentum for all parameters (Kingma and Ba 2015; Loshchilov and Hutter 2019), with
// the gradient scaled to a global norm of at most `clip_norm`, as PyTorch's clip_grad_norm_ does.
//
//   g = gradient * min(1, clip_norm / (norm + 1e-6));  Adam, SGD: g += decay * p
//   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
//   p = p - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon);  AdamW: p -= rate decay p first
//   SGD: m = beta1 m + g;  p = p - rate m, or by Nesterov p - rate (g + beta1 m), as in PyTorch.   average = d average + (1 - d) p
//
// An invocation takes four neighbours, which belong to one group: groups begin at multiples of 64.

override KIND: u32 = 0u; // 0 Adam, 1 AdamW, 2 SGD, 3 SGD by Nesterov
override AVERAGE: u32 = 0u;

struct Params { fours: u32 }
// The settings of a group of parameters, in the order in which groups lie.
struct Hyper {
  rate: f32, decay: f32, beta1: f32, beta2: f32,
  epsilon: f32, correction1: f32, correction2: f32, clip_norm: f32,
  average_decay: f32, complement1: f32, complement2: f32, // 1 - beta, exact where beta is near 1
  end: u32, // in fours
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> moment1: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> moment2: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(6) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(7) var<storage, read> squared_norm: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= params.fours) { return; }
  // Bounded, so that a table that nobody wrote does not hang the device.
  var group = 0u;
  while (group + 1u < arrayLength(&hyper) && i >= hyper[group].end) { group++; }
  let h = hyper[group];
  var g = gradient[i];
  if (h.clip_norm > 0.0) { g *= min(1.0, h.clip_norm / (sqrt(squared_norm[0]) + 1e-6)); }
  var p = parameter[i];
  if (KIND == 1u) { p -= h.rate * h.decay * p; } else { g += h.decay * p; }
  if (KIND >= 2u) {
    let m = h.beta1 * moment1[i] + g;
    moment1[i] = m;
    if (KIND == 3u) { p -= h.rate * (g + h.beta1 * m); } else { p -= h.rate * m; }
  } else {
    let m = h.beta1 * moment1[i] + h.complement1 * g;
    let v = h.beta2 * moment2[i] + h.complement2 * g * g;
    moment1[i] = m;
    moment2[i] = v;
    p -= h.rate * (m * h.correction1) / (sqrt(v * h.correction2) + h.epsilon);
  }
  parameter[i] = p;
  if (AVERAGE != 0u) { average[i] = h.average_decay * average[i] + (1.0 - h.average_decay) * p; }
}
