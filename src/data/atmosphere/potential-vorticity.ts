/**
 * The linear bond between streamfunction psi and potential vorticity on the three levels (MM93, equations 1):
 *
 *   q1 = del2 psi1 - (psi1 - psi2) / R1^2                       + f
 *   q2 = del2 psi2 + (psi1 - psi2) / R1^2 - (psi2 - psi3) / R2^2 + f
 *   q3 = del2 psi3                        + (psi2 - psi3) / R2^2 + f (1 + h / H0)
 *
 * Here q stands for the part that depends on psi; the static part (f and orography) is `planetaryVorticity`'s.
 * For a harmonic of degree n this is a 3 x 3 matrix, inverted once per n.
 */
import {
  EARTH_RADIUS,
  OROGRAPHY_SCALE_HEIGHT,
  ROSSBY_RADIUS_LOWER,
  ROSSBY_RADIUS_UPPER,
  ROTATION,
} from './coefficients.ts';
import {
  analyse,
  at,
  CELLS,
  DEGREE,
  LATITUDES,
  LONGITUDES,
  MU,
  PLANE,
  SIZE,
  TRUNCATION,
} from './spectral.ts';

const UPPER = 1 / ROSSBY_RADIUS_UPPER ** 2;
const LOWER = 1 / ROSSBY_RADIUS_LOWER ** 2;

/** [22] eigenvalue of the Laplacian for each total wavenumber, m-2. */
export const LAPLACIAN = Float64Array.from(
  { length: TRUNCATION + 1 },
  (_, n) => (-n * (n + 1)) / EARTH_RADIUS ** 2,
);

/** [22, 3, 3] inverse of the matrix above. Degree 0, whose matrix is singular, is left zero: psi has no mean. */
const INVERSE = new Float64Array((TRUNCATION + 1) * 9);
for (let n = 1; n <= TRUNCATION; n++) {
  const l = LAPLACIAN[n];
  const a = l - UPPER;
  const b = l - UPPER - LOWER;
  const c = l - LOWER;
  const determinant = a * (b * c - LOWER * LOWER) - UPPER * UPPER * c;
  const adjugate = [
    b * c - LOWER * LOWER,
    -UPPER * c,
    UPPER * LOWER,
    -UPPER * c,
    a * c,
    -a * LOWER,
    UPPER * LOWER,
    -a * LOWER,
    a * b - UPPER * UPPER,
  ];
  for (let e = 0; e < 9; e++) INVERSE[9 * n + e] = adjugate[e] / determinant;
}

/** q [3, SIZE], s-1, from psi [3, SIZE], m2 s-1. */
export function potentialVorticity(psi: Float64Array, q: Float64Array): void {
  for (let c = 0; c < SIZE; c++) {
    const l = LAPLACIAN[DEGREE[c % PLANE]];
    const upper = UPPER * (psi[c] - psi[SIZE + c]);
    const lower = LOWER * (psi[SIZE + c] - psi[2 * SIZE + c]);
    q[c] = l * psi[c] - upper;
    q[SIZE + c] = l * psi[SIZE + c] + upper - lower;
    q[2 * SIZE + c] = l * psi[2 * SIZE + c] + lower;
  }
}

/** psi [3, SIZE], m2 s-1, from q [3, SIZE], s-1: the inverse of `potentialVorticity`. */
export function invert(q: Float64Array, psi: Float64Array): void {
  for (let plane = 0; plane < SIZE; plane += PLANE) {
    for (let c = 0; c < PLANE; c++) {
      const e = 9 * DEGREE[c];
      const q1 = q[plane + c];
      const q2 = q[plane + c + SIZE];
      const q3 = q[plane + c + 2 * SIZE];
      psi[plane + c] = INVERSE[e] * q1 + INVERSE[e + 1] * q2 + INVERSE[e + 2] * q3;
      psi[plane + c + SIZE] = INVERSE[e + 3] * q1 + INVERSE[e + 4] * q2 + INVERSE[e + 5] * q3;
      psi[plane + c + 2 * SIZE] = INVERSE[e + 6] * q1 + INVERSE[e + 7] * q2 + INVERSE[e + 8] * q3;
    }
  }
}

/**
 * Adds to `tendency` [3, SIZE] the relaxation of both thicknesses (psi1 - psi2, psi2 - psi3) towards those of
 * `equilibrium` [3, SIZE], at `rate` s-1.
 */
export function addRelaxation(
  psi: Float64Array,
  equilibrium: Float64Array,
  rate: number,
  tendency: Float64Array,
): void {
  for (let c = 0; c < SIZE; c++) {
    const middle = psi[SIZE + c] - equilibrium[SIZE + c];
    const upper = rate * UPPER * (psi[c] - equilibrium[c] - middle);
    const lower = rate * LOWER * (middle - psi[2 * SIZE + c] + equilibrium[2 * SIZE + c]);
    tendency[c] += upper;
    tendency[SIZE + c] += lower - upper;
    tendency[2 * SIZE + c] -= lower;
  }
}

/** [3, SIZE] static part of potential vorticity, s-1: f, and at the lowest level f (1 + h / H0). */
export function planetaryVorticity(orography: Float64Array): Float64Array {
  const field = new Float64Array(3 * SIZE);
  const stretched = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const f = 2 * ROTATION * MU[Math.floor(cell / LONGITUDES) % LATITUDES];
    stretched[cell] = (f * orography[cell]) / OROGRAPHY_SCALE_HEIGHT;
  }
  analyse(stretched, field.subarray(2 * SIZE));
  // mu = P[1, 0] / sqrt(3) in this normalisation.
  for (let level = 0; level < 3; level++) field[level * SIZE + at(1, 0)] += (2 * ROTATION) / Math.sqrt(3);
  // The mean is dynamically idle and psi cannot hold it; without it the drift of q's mean is exactly zero.
  field[2 * SIZE] = 0;
  return field;
}
