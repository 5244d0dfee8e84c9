/**
 * Spherical harmonics at triangular truncation T21 on the 64 x 32 Gaussian grid that holds their quadratic products
 * without aliasing (3 x 21 + 1 = 64 longitudes, half as many latitudes).
 *
 * A real field is f(lambda, mu) = sum over |m| <= 21, n of c[n, m] P[n, m](mu) exp(i m lambda), with mu the sine of
 * latitude and c[n, -m] the conjugate of c[n, m], so only m >= 0 is stored. P is normalised so that its mean square
 * over -1 < mu < 1 is 1, hence the area mean of f squared is sum c[n, 0]^2 + 2 sum over m > 0 of |c[n, m]|^2.
 *
 * Storage of one field, `SIZE` numbers: a plane of real parts, then a plane of imaginary parts. In a plane the
 * orders follow one another, each with its degrees n = m, m + 1, ... padded to an even count. The padding (always
 * zero) lets every loop take one harmonic even and one odd about the equator at a time.
 */
import { forwardFft64, inverseFft64, POINTS, SLOT } from './fft64.ts';
import { gaussLegendre } from './gauss-legendre.ts';

/** Largest total wavenumber. */
export const TRUNCATION = 21;
export const LONGITUDES = POINTS;
export const LATITUDES = 32;
/** Latitudes in one hemisphere. */
export const HALF = LATITUDES / 2;
export const CELLS = LATITUDES * LONGITUDES;

/** [23] where each order starts in a plane; the last entry is the plane's length. */
export const ORDER_START = new Int32Array(TRUNCATION + 2);
for (let m = 0; m <= TRUNCATION; m++) {
  ORDER_START[m + 1] = ORDER_START[m] + 2 * Math.ceil((TRUNCATION - m + 1) / 2);
}
/** Numbers in one plane (real or imaginary parts). */
export const PLANE = ORDER_START[TRUNCATION + 1];
/** Numbers in one spectral field. */
export const SIZE = 2 * PLANE;

/** Position of harmonic (n, m) in a plane. */
export const at = (n: number, m: number): number => ORDER_START[m] + n - m;

/** [PLANE] total wavenumber n of each position; 0 on the padding as well as on the global mean. */
export const DEGREE = new Int32Array(PLANE);
for (let m = 0; m <= TRUNCATION; m++) {
  for (let n = m; n <= TRUNCATION; n++) DEGREE[at(n, m)] = n;
}

const quadrature = gaussLegendre(LATITUDES);
/** [32] sine of latitude, north to south. */
export const MU = quadrature.nodes;
/** [32] Gaussian weights, summing to 2. */
export const WEIGHT = quadrature.weights;

/** [HALF, PLANE] P[n, m] at the northern latitudes. In the south it is P for even n - m, -P for odd. */
export const P = new Float64Array(HALF * PLANE);
/** [HALF, PLANE] (1 - mu^2) dP/dmu at the northern latitudes. In the south: minus for even n - m. */
export const H = new Float64Array(HALF * PLANE);
for (let j = 0; j < HALF; j++) tabulate(j);

/** Coefficient of the recurrence mu P[n, m] = eps[n + 1, m] P[n + 1, m] + eps[n, m] P[n - 1, m]. */
export function epsilon(n: number, m: number): number {
  return Math.sqrt((n * n - m * m) / (4 * n * n - 1));
}

/** Fills row j of P and H by the three-term recurrence in n, started from the sectoral harmonics n = m. */
function tabulate(j: number): void {
  const mu = MU[j];
  const cosine = Math.sqrt(1 - mu * mu);
  let sectoral = 1;
  for (let m = 0; m <= TRUNCATION; m++) {
    if (m > 0) sectoral *= cosine * Math.sqrt((2 * m + 1) / (2 * m));
    let before = 0;
    let value = sectoral;
    for (let n = m; n <= TRUNCATION; n++) {
      const next = (mu * value - epsilon(n, m) * before) / epsilon(n + 1, m);
      const entry = j * PLANE + at(n, m);
      P[entry] = value;
      H[entry] = (n + 1) * epsilon(n, m) * before - n * epsilon(n + 1, m) * next;
      before = value;
      value = next;
    }
  }
}

const re = new Float64Array(POINTS);
const im = new Float64Array(POINTS);

/**
 * Grid values of a spectral field: `out` is [latitude (north to south), longitude]. With `table` H the result is
 * (1 - mu^2) times the derivative with respect to mu.
 */
export function synthesise(spectrum: Float64Array, out: Float64Array, table: typeof P = P): void {
  const southSign = table === H ? -1 : 1;
  for (let j = 0; j < HALF; j++) {
    re.fill(0);
    im.fill(0);
    for (let m = 0; m <= TRUNCATION; m++) {
      let evenRe = 0;
      let evenIm = 0;
      let oddRe = 0;
      let oddIm = 0;
      for (let c = ORDER_START[m]; c < ORDER_START[m + 1]; c += 2) {
        const even = table[j * PLANE + c];
        const odd = table[j * PLANE + c + 1];
        evenRe += spectrum[c] * even;
        evenIm += spectrum[PLANE + c] * even;
        oddRe += spectrum[c + 1] * odd;
        oddIm += spectrum[PLANE + c + 1] * odd;
      }
      const southRe = southSign * (evenRe - oddRe);
      const southIm = southSign * (evenIm - oddIm);
      // One complex transform carries two real rows: north as its real part, south as its imaginary part.
      const plus = SLOT[m];
      const minus = SLOT[(POINTS - m) % POINTS];
      re[minus] = evenRe + oddRe + southIm;
      im[minus] = southRe - evenIm - oddIm;
      re[plus] = evenRe + oddRe - southIm;
      im[plus] = evenIm + oddIm + southRe;
    }
    inverseFft64(re, im, 1);
    out.set(re, j * LONGITUDES);
    out.set(im, (LATITUDES - 1 - j) * LONGITUDES);
  }
}

/** Spectral coefficients (`out`, SIZE) of a grid field [latitude, longitude]; what T21 cannot hold is dropped. */
export function analyse(grid: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (let j = 0; j < HALF; j++) {
    re.set(grid.subarray(j * LONGITUDES, (j + 1) * LONGITUDES));
    im.set(grid.subarray((LATITUDES - 1 - j) * LONGITUDES, (LATITUDES - j) * LONGITUDES));
    forwardFft64(re, im, 1);
    const scale = WEIGHT[j] / (4 * POINTS); // Half for the mean over mu, half for splitting the two rows.
    for (let m = 0; m <= TRUNCATION; m++) {
      const plus = SLOT[m];
      const minus = SLOT[(POINTS - m) % POINTS];
      const northRe = (re[plus] + re[minus]) * scale;
      const northIm = (im[plus] - im[minus]) * scale;
      const southRe = (im[plus] + im[minus]) * scale;
      const southIm = (re[minus] - re[plus]) * scale;
      for (let c = ORDER_START[m]; c < ORDER_START[m + 1]; c += 2) {
        const even = P[j * PLANE + c];
        const odd = P[j * PLANE + c + 1];
        out[c] += (northRe + southRe) * even;
        out[PLANE + c] += (northIm + southIm) * even;
        out[c + 1] += (northRe - southRe) * odd;
        out[PLANE + c + 1] += (northIm - southIm) * odd;
      }
    }
  }
}

/** Area mean of the product of two fields, exact within the truncation. Offsets select fields in longer arrays. */
export function innerProduct(a: Float64Array, b: Float64Array, offsetA = 0, offsetB = 0): number {
  let zonal = 0;
  let waves = 0;
  for (let c = 0; c < ORDER_START[1]; c++) zonal += a[offsetA + c] * b[offsetB + c];
  for (let c = ORDER_START[1]; c < PLANE; c++) {
    waves += a[offsetA + c] * b[offsetB + c] + a[offsetA + PLANE + c] * b[offsetB + PLANE + c];
  }
  return zonal + 2 * waves;
}
