/** Student's t: how far a mean or a slope may be off, for so many degrees of freedom. */

/**
 * The value that |t| stays below with probability `confidence`: 2.776 for 4 degrees of freedom and 0.95.
 *
 * @param freedom degrees of freedom, at least 1
 */
export function studentQuantile(confidence: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (within(high, freedom) < confidence) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (within(middle, freedom) < confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of |t| below `t`: 1 - I_x(n / 2, 1 / 2) with x = n / (n + t^2) (Abramowitz and Stegun, 26.7.1). */
const within = (t: number, freedom: number) =>
  1 - regularisedBeta(freedom / (freedom + t * t), freedom / 2, 1 / 2);

/** I_x(a, b), by its continued fraction (Abramowitz and Stegun, 26.5.8), evaluated from the front (Lentz 1976). */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const front =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let fraction = 1;
  let c = 1;
  let d = 0;
  for (let i = 0; i < 400; i++) {
    const m = Math.floor(i / 2);
    const step =
      i === 0
        ? 1
        : i % 2 === 0
          ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
          : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + step * d);
    c = 1 + step / c;
    fraction *= c * d;
    if (i > 0 && Math.abs(1 - c * d) < 1e-15) break;
  }
  return front * (fraction - 1);
}

/** ln of the gamma function for x > 0, to 1e-10 (Lanczos 1964, g = 5, six terms). */
function logGamma(x: number): number {
  const terms = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.001208650973866179,
    -0.000005395239384953,
  ];
  const sum = terms.reduce((total, term, i) => total + term / (x + 1 + i), 1.000000000190015);
  return (x + 0.5) * Math.log(x + 5.5) - (x + 5.5) + Math.log((2.5066282746310007 * sum) / x);
}
