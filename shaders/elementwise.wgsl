// y[i] = f(a[i], b[i]) for one of the functions below, a and b broadcast to the shape of y.
//
// An invocation takes a RUN of neighbouring elements. FUNCTION is an override, so the compiler keeps one case. Where
// shapes differ, the index of the run is taken apart along RANK axes, which the host has merged as far as both
// operands step evenly; RANK is 0 where all shapes are the same. PLACE tells that y holds a (1) or b (2), whose place
// the result takes; it has the shape of y.

override FUNCTION: u32 = 0u;
override RANK: u32 = 0u;
override RUN: u32 = 1u;
override PLACE: u32 = 0u;

// [0]: size, scale, shift (bits); then six lengths, six strides of a, six strides of b, outermost axis first.
@group(0) @binding(0) var<uniform> params: array<vec4u, 6>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn word(i: u32) -> u32 { return params[i >> 2u][i & 3u]; }

// erfc(x) / exp(-x^2) for x >= 0 is smooth: a Chebyshev fit in t = 1 / (1 + x / 2) has a relative error below
// 1.2e-7 everywhere (Press et al., Numerical Recipes, section 6.2, "erfcc").
fn erfc_positive(x: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.5 * x);
  let poly = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
    + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  return t * exp(-x * x + poly);
}

// The Taylor series about 0, where 1 - erfc would cancel: 8 terms reach f32 accuracy for |x| < 0.7.
fn erf_small(x: f32) -> f32 {
  let s = x * x;
  return x * 1.1283791671 * (1.0 + s * (-0.33333333333 + s * (0.1 + s * (-0.02380952381 + s * (0.0046296296296
    + s * (-0.00075757575758 + s * (0.00010683760684 + s * -0.000013227513228)))))));
}

// Phi(x) = (1 + erf(x / sqrt 2)) / 2, without cancellation for negative x.
fn normal_cdf(x: f32) -> f32 {
  let z = abs(x) * 0.70710678119;
  if (z < 0.7) { return 0.5 + 0.5 * erf_small(x * 0.70710678119); }
  let tail = 0.5 * erfc_positive(z);
  return select(1.0 - tail, tail, x < 0.0);
}

fn value(p: f32, q: f32) -> f32 {
  switch (FUNCTION) {
    case 0u: { return p + q; }
    case 1u: { return p - q; }
    case 2u: { return p * q; }
    case 3u: { return p / q; }
    case 4u: { return p * (normal_cdf(q) + q * 0.3989422804 * exp(-0.5 * q * q)); } // p = dy, q = x
    case 5u: { return select(0.0, p, q > 0.0); } // p = dy, q = x
    case 10u: { return bitcast<f32>(word(1u)) * p + bitcast<f32>(word(2u)); }
    case 11u: { return p * p; }
    case 12u: { return sqrt(p); }
    case 13u: { return exp(p); }
    case 14u: { return p * normal_cdf(p); }
    default: { return max(p, 0.0); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let first = (id.x + id.y * groups.x * 64u) * RUN;
  let size = word(0u);
  if (first >= size) { return; }
  var ia = first;
  var ib = first;
  var step_a = 1u;
  var step_b = 1u;
  if (RANK != 0u) {
    ia = 0u;
    ib = 0u;
    var rest = first;
    for (var axis = 6u; axis > 7u - RANK; axis--) {
      let length = word(3u + axis);
      let outer = rest / length;
      let step = rest - outer * length;
      ia += step * word(9u + axis);
      ib += step * word(15u + axis);
      rest = outer;
    }
    // The outermost axis left takes what remains.
    ia += rest * word(16u - RANK);
    ib += rest * word(22u - RANK);
    step_a = word(15u);
    step_b = word(21u);
  }
  for (var k = 0u; k < RUN; k++) {
    if (first + k >= size) { return; }
    var p: f32;
    if (PLACE == 1u) { p = y[first + k]; } else { p = a[ia + k * step_a]; }
    // A function of one operand reads nothing of b, which may be a dummy.
    var q = 0.0;
    if (PLACE == 2u) { q = y[first + k]; } else if (FUNCTION < 10u) { q = b[ib + k * step_b]; }
    y[first + k] = value(p, q);
  }
}
