/**
 * The two quadratic quantities that the unforced, frictionless model conserves, as area means summed over levels.
 */
import { invert } from '../../../../src/data/atmosphere/potential-vorticity.ts';
import { innerProduct, SIZE } from '../../../../src/data/atmosphere/spectral.ts';

/** Kinetic plus available potential energy, m2 s-2, of a state q [3, SIZE]: minus half the mean of psi q. */
export function energy(q: Float64Array): number {
  const psi = new Float64Array(3 * SIZE);
  invert(q, psi);
  let total = 0;
  for (let level = 0; level < 3; level++) total -= innerProduct(psi, q, level * SIZE, level * SIZE) / 2;
  return total;
}

/** Half the mean square of absolute potential vorticity q + planetary, s-2; both are [3, SIZE]. */
export function potentialEnstrophy(q: Float64Array, planetary: Float64Array): number {
  const absolute = q.map((value, c) => value + planetary[c]);
  let total = 0;
  for (let level = 0; level < 3; level++) {
    total += innerProduct(absolute, absolute, level * SIZE, level * SIZE) / 2;
  }
  return total;
}
