/**
 * Gauss-Legendre quadrature: the latitudes of the grid and the weight of each in a mean over the sphere.
 * Nodes are the roots of the Legendre polynomial of degree `count`, found by Newton's method from the usual
 * cosine guess (Abramowitz and Stegun 1964, 22.16.6 and 25.4.29).
 */

export interface Quadrature {
  /** [count] sine of latitude, from north (near +1) to south. */
  readonly nodes: Float64Array;
  /** [count] weights; they add up to 2. Exact for polynomials up to degree 2 count - 1. */
  readonly weights: Float64Array;
}

const NEWTON_STEPS = 8; // Convergence is quadratic: five suffice from the cosine guess.

export function gaussLegendre(count: number): Quadrature {
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < Math.ceil(count / 2); i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const { value, derivative } = legendrePolynomial(count, x);
      slope = derivative;
      x -= value / derivative;
    }
    // Filling both halves from one root keeps the grid exactly symmetric about the equator.
    nodes[i] = x;
    nodes[count - 1 - i] = -x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
    weights[count - 1 - i] = weights[i];
  }
  return { nodes, weights };
}

function legendrePolynomial(degree: number, x: number): { value: number; derivative: number } {
  let before = 1;
  let value = x;
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
    before = value;
    value = next;
  }
  return { value, derivative: (degree * (x * value - before)) / (x * x - 1) };
}
