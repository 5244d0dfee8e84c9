// Functions of one element, four elements at a time: what elementwise.wgsl computes, and products as they store.
//
// The function is an override where these are called, so that the compiler keeps one case. p is the value on its way,
// q another operand's. DROPOUT depends on where the elements are, too: see `dropped`.

const ADD = 1u;
const SUBTRACT = 2u;
const SUBTRACT_FROM = 3u;
const MULTIPLY = 4u;
const DIVIDE = 5u;
const DIVIDE_INTO = 6u;
const GELU_GRADIENT = 7u; // p = dy, q = x
const RELU_GRADIENT = 8u; // p = dy, q = x
const AFFINE = 20u;
const SQUARE = 21u;
const ROOT = 22u;
const EXPONENTIAL = 23u;
const GELU = 24u;
const RELU = 25u;
const DROPOUT = 30u;

// Functions below AFFINE read q.
fn reads_other(f: u32) -> bool { return f != 0u && f < AFFINE; }

// erfc(x) / exp(-x^2) for x >= 0 is smooth: a Chebyshev fit in t = 1 / (1 + x / 2) has a relative error below
// 1.2e-7 everywhere (Press et al., Numerical Recipes, section 6.2, "erfcc").
fn erfc_positive(x: vec4f) -> vec4f {
  let t = 1.0 / (1.0 + 0.5 * x);
  let poly = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
    + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  return t * exp(-x * x + poly);
}

// The Taylor series about 0, where 1 - erfc would cancel: 8 terms reach f32 accuracy for |x| < 0.7.
fn erf_small(x: vec4f) -> vec4f {
  let s = x * x;
  return x * 1.1283791671 * (1.0 + s * (-0.33333333333 + s * (0.1 + s * (-0.02380952381 + s * (0.0046296296296
    + s * (-0.00075757575758 + s * (0.00010683760684 + s * -0.000013227513228)))))));
}

// Phi(x) = (1 + erf(x / sqrt 2)) / 2, without cancellation for negative x.
fn normal_cdf(x: vec4f) -> vec4f {
  let z = abs(x) * 0.70710678119;
  let tail = 0.5 * erfc_positive(z);
  let far = select(1.0 - tail, tail, x < vec4f());
  return select(far, 0.5 + 0.5 * erf_small(x * 0.70710678119), z < vec4f(0.7));
}

fn pointwise(f: u32, p: vec4f, q: vec4f, factor: f32, shift: f32) -> vec4f {
  switch (f) {
    case ADD: { return p + q; }
    case SUBTRACT: { return p - q; }
    case SUBTRACT_FROM: { return q - p; }
    case MULTIPLY: { return p * q; }
    case DIVIDE: { return p / q; }
    case DIVIDE_INTO: { return q / p; }
    case GELU_GRADIENT: { return p * (normal_cdf(q) + q * 0.3989422804 * exp(-0.5 * q * q)); }
    case RELU_GRADIENT: { return select(vec4f(), p, q > vec4f()); }
    case AFFINE: { return factor * p + shift; }
    case SQUARE: { return p * p; }
    case ROOT: { return sqrt(p); }
    case EXPONENTIAL: { return exp(p); }
    case GELU: { return p * normal_cdf(p); }
    case RELU: { return max(p, vec4f()); }
    default: { return p; }
  }
}
