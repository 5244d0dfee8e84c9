/**
 * The radiative equilibrium that temperature relaxes to: zonal, with a vertical shear of westerlies that is strongest
 * in mid-latitudes and baroclinically unstable. It stands in for MM93's forcing, which was derived from analyses.
 */
import {
  EARTH_RADIUS,
  EQUILIBRIUM_JET_WIDTH,
  EQUILIBRIUM_JETS,
  EQUILIBRIUM_SHEAR_LOWER,
  EQUILIBRIUM_SHEAR_UPPER,
} from './coefficients.ts';
import { LAPLACIAN } from './potential-vorticity.ts';
import { at, H, HALF, LATITUDES, MU, PLANE, SIZE, TRUNCATION, WEIGHT } from './spectral.ts';

/** [3, SIZE] equilibrium streamfunction, m2 s-1: at rest on the lowest level, as only its thicknesses matter. */
export function equilibriumStreamfunction(): Float64Array {
  const psi = new Float64Array(3 * SIZE);
  const shear = zonalStreamfunction(jets);
  for (let c = 0; c < SIZE; c++) {
    psi[SIZE + c] = EQUILIBRIUM_SHEAR_LOWER * shear[c];
    psi[c] = psi[SIZE + c] + EQUILIBRIUM_SHEAR_UPPER * shear[c];
  }
  return psi;
}

/** Shear of both jets at a latitude in degrees north, relative to a jet of strength 1. */
function jets(north: number): number {
  return EQUILIBRIUM_JETS.reduce(
    (sum, jet) => sum + jet.strength * Math.exp(-0.5 * ((north - jet.north) / EQUILIBRIUM_JET_WIDTH) ** 2),
    0,
  );
}

/** [SIZE] streamfunction, m2 s-1, of a zonal wind in m s-1 given by latitude in degrees north. */
export function zonalStreamfunction(wind: (north: number) => number): Float64Array {
  const psi = new Float64Array(SIZE);
  for (let row = 0; row < LATITUDES; row++) {
    const mu = MU[row];
    const north = (Math.asin(mu) * 180) / Math.PI;
    const weighted = (WEIGHT[row] / 2) * wind(north);
    const j = Math.min(row, LATITUDES - 1 - row);
    for (let n = 1; n <= TRUNCATION; n++) {
      const c = at(n, 0);
      const slope = H[j * PLANE + c] * (row < HALF || n % 2 === 1 ? 1 : -1);
      // Vorticity is -d(u cos)/(a dmu); parts in mu move the derivative to the harmonic.
      psi[c] += (weighted * slope) / Math.sqrt(1 - mu * mu) / (EARTH_RADIUS * LAPLACIAN[n]);
    }
  }
  return psi;
}
