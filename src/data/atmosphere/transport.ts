/**
 * The nonlinear term of the model, and by far the most of its time: for every level, minus the divergence of
 *
 *   F = q k x grad(psi) + drag grad(psi),
 *
 * that is the advection of potential vorticity q by the non-divergent wind, and at the lowest level Ekman friction,
 * which costs no transform of its own because it is a flux too. Products are formed on the grid, where T21 is free of
 * aliasing: F . grad(psi) vanishes point by point but for the drag, so advection conserves energy exactly, and the
 * quadrature is exact for the change of q squared, so it conserves potential enstrophy.
 *
 * One sweep over the latitude pairs does everything (spectrum to grid, product, grid to spectrum), so that a pair's
 * rows stay in the first-level cache. Six real rows of winds and three of q travel as complex pairs.
 */
import { EARTH_RADIUS } from './coefficients.ts';
import { forwardFft64, inverseFft64, POINTS, SLOT } from './fft64.ts';
import { H, HALF, LATITUDES, MU, ORDER_START, P, PLANE, SIZE, TRUNCATION, WEIGHT } from './spectral.ts';

// The inner loops run some 10^9 times a decade. Module-local names keep them fast even under test runners and bundlers
// that turn every imported name into a property look-up.
const LEGENDRE = P;
const SLOPE = H;
const STARTS = ORDER_START;
const LENGTH = PLANE;
const LAST = TRUNCATION;
const SLOTS = SLOT;
const CIRCLE = POINTS;
const RADIUS = EARTH_RADIUS;

const LEVELS = 3;
const CIRCLE_BLOCKS = 3 * LEVELS;

// Blocks of 64 complex points: U + iV north, U + iV south for each level, then q north + i q south for each level.
const re = new Float64Array(CIRCLE_BLOCKS * CIRCLE);
const im = new Float64Array(CIRCLE_BLOCKS * CIRCLE);

/**
 * tendency = -div(F) for all three levels.
 * @param psi [3, SIZE] streamfunction, m2 s-1
 * @param q [3, SIZE] absolute potential vorticity, s-1
 * @param drag [32, 64] Ekman friction rate of the lowest level, s-1, north to south
 * @param tendency [3, SIZE] result, s-2, overwritten
 */
export function transport(
  psi: Float64Array,
  q: Float64Array,
  drag: Float64Array,
  tendency: Float64Array,
): void {
  tendency.fill(0);
  for (let j = 0; j < HALF; j++) {
    re.fill(0);
    im.fill(0);
    for (let level = 0; level < LEVELS; level++) toCircles(psi, q, level, j);
    inverseFft64(re, im, CIRCLE_BLOCKS);
    for (let level = 0; level < LEVELS; level++) {
      formFlux(level, drag, j * CIRCLE, (LATITUDES - 1 - j) * CIRCLE);
    }
    forwardFft64(re, im, 2 * LEVELS);
    for (let level = 0; level < LEVELS; level++) project(tendency, level, j);
  }
}

/** Fourier coefficients of the winds and of q at latitude pair j; U and V are wind times cos(latitude). */
function toCircles(psi: Float64Array, q: Float64Array, level: number, j: number): void {
  const row = j * LENGTH;
  const real = level * SIZE;
  const imaginary = real + LENGTH;
  const north = 2 * level * CIRCLE;
  const south = north + CIRCLE;
  const vorticity = (2 * LEVELS + level) * CIRCLE;
  for (let m = 0; m <= LAST; m++) {
    let psiEvenRe = 0;
    let psiEvenIm = 0;
    let psiOddRe = 0;
    let psiOddIm = 0;
    let slopeEvenRe = 0;
    let slopeEvenIm = 0;
    let slopeOddRe = 0;
    let slopeOddIm = 0;
    let qEvenRe = 0;
    let qEvenIm = 0;
    let qOddRe = 0;
    let qOddIm = 0;
    for (let c = STARTS[m], end = STARTS[m + 1]; c < end; c += 2) {
      const p0 = LEGENDRE[row + c];
      const p1 = LEGENDRE[row + c + 1];
      const h0 = SLOPE[row + c];
      const h1 = SLOPE[row + c + 1];
      const psiRe0 = psi[real + c];
      const psiRe1 = psi[real + c + 1];
      const psiIm0 = psi[imaginary + c];
      const psiIm1 = psi[imaginary + c + 1];
      psiEvenRe += psiRe0 * p0;
      psiEvenIm += psiIm0 * p0;
      psiOddRe += psiRe1 * p1;
      psiOddIm += psiIm1 * p1;
      slopeEvenRe += psiRe0 * h0;
      slopeEvenIm += psiIm0 * h0;
      slopeOddRe += psiRe1 * h1;
      slopeOddIm += psiIm1 * h1;
      qEvenRe += q[real + c] * p0;
      qEvenIm += q[imaginary + c] * p0;
      qOddRe += q[real + c + 1] * p1;
      qOddIm += q[imaginary + c + 1] * p1;
    }
    // U = -(1 - mu^2)/a dpsi/dmu and V = (im/a) psi; each complex block carries two real rows (see spectral.ts).
    const plus = SLOTS[m];
    const minus = SLOTS[(CIRCLE - m) % CIRCLE];
    const wave = m / RADIUS;
    const uNorthRe = -(slopeOddRe + slopeEvenRe) / RADIUS;
    const uNorthIm = -(slopeOddIm + slopeEvenIm) / RADIUS;
    const vNorthRe = -wave * (psiEvenIm + psiOddIm);
    const vNorthIm = wave * (psiEvenRe + psiOddRe);
    re[north + minus] = uNorthRe + vNorthIm;
    im[north + minus] = vNorthRe - uNorthIm;
    re[north + plus] = uNorthRe - vNorthIm;
    im[north + plus] = vNorthRe + uNorthIm;
    const uSouthRe = -(slopeOddRe - slopeEvenRe) / RADIUS;
    const uSouthIm = -(slopeOddIm - slopeEvenIm) / RADIUS;
    const vSouthRe = -wave * (psiEvenIm - psiOddIm);
    const vSouthIm = wave * (psiEvenRe - psiOddRe);
    re[south + minus] = uSouthRe + vSouthIm;
    im[south + minus] = vSouthRe - uSouthIm;
    re[south + plus] = uSouthRe - vSouthIm;
    im[south + plus] = vSouthRe + uSouthIm;
    re[vorticity + minus] = qEvenRe + qOddRe + (qEvenIm - qOddIm);
    im[vorticity + minus] = qEvenRe - qOddRe - (qEvenIm + qOddIm);
    re[vorticity + plus] = qEvenRe + qOddRe - (qEvenIm - qOddIm);
    im[vorticity + plus] = qEvenRe - qOddRe + (qEvenIm + qOddIm);
  }
}

/**
 * Turns the winds (U, V) into the flux (U q + k V, V q - k U) in place, where k is the drag rate: zero above the
 * lowest level. `dragNorth` and `dragSouth` are where the pair's rows of `drag` start.
 */
function formFlux(level: number, drag: Float64Array, dragNorth: number, dragSouth: number): void {
  const north = 2 * level * CIRCLE;
  const south = north + CIRCLE;
  const vorticity = (2 * LEVELS + level) * CIRCLE;
  const rate = level === LEVELS - 1 ? 1 : 0;
  for (let x = 0; x < CIRCLE; x++) {
    const u = re[north + x];
    const v = im[north + x];
    const q = re[vorticity + x];
    const k = rate * drag[dragNorth + x];
    re[north + x] = u * q + k * v;
    im[north + x] = v * q - k * u;
    const uSouth = re[south + x];
    const vSouth = im[south + x];
    const qSouth = im[vorticity + x];
    const kSouth = rate * drag[dragSouth + x];
    re[south + x] = uSouth * qSouth + kSouth * vSouth;
    im[south + x] = vSouth * qSouth - kSouth * uSouth;
  }
}

/** Adds latitude pair j's share of -div(F) to the spectrum, by Gaussian quadrature after parts in mu. */
function project(tendency: Float64Array, level: number, j: number): void {
  const row = j * LENGTH;
  const real = level * SIZE;
  const imaginary = real + LENGTH;
  const north = 2 * level * CIRCLE;
  const south = north + CIRCLE;
  // A quarter: half for the mean over mu, half for splitting the two rows of a complex block.
  const scale = WEIGHT[j] / (4 * CIRCLE * RADIUS * (1 - MU[j] * MU[j]));
  for (let m = 0; m <= LAST; m++) {
    const plus = SLOTS[m];
    const minus = SLOTS[(CIRCLE - m) % CIRCLE];
    const wave = m * scale;
    const eastNorthRe = wave * (re[north + plus] + re[north + minus]);
    const eastNorthIm = wave * (im[north + plus] - im[north + minus]);
    const eastSouthRe = wave * (re[south + plus] + re[south + minus]);
    const eastSouthIm = wave * (im[south + plus] - im[south + minus]);
    const upNorthRe = scale * (im[north + plus] + im[north + minus]);
    const upNorthIm = scale * (re[north + minus] - re[north + plus]);
    const upSouthRe = scale * (im[south + plus] + im[south + minus]);
    const upSouthIm = scale * (re[south + minus] - re[south + plus]);
    const eastSumRe = eastNorthRe + eastSouthRe;
    const eastSumIm = eastNorthIm + eastSouthIm;
    const eastDifferenceRe = eastNorthRe - eastSouthRe;
    const eastDifferenceIm = eastNorthIm - eastSouthIm;
    const upSumRe = upNorthRe + upSouthRe;
    const upSumIm = upNorthIm + upSouthIm;
    const upDifferenceRe = upNorthRe - upSouthRe;
    const upDifferenceIm = upNorthIm - upSouthIm;
    for (let c = STARTS[m], end = STARTS[m + 1]; c < end; c += 2) {
      const p0 = LEGENDRE[row + c];
      const p1 = LEGENDRE[row + c + 1];
      const h0 = SLOPE[row + c];
      const h1 = SLOPE[row + c + 1];
      tendency[real + c] += eastSumIm * p0 + upDifferenceRe * h0;
      tendency[imaginary + c] += upDifferenceIm * h0 - eastSumRe * p0;
      tendency[real + c + 1] += eastDifferenceIm * p1 + upSumRe * h1;
      tendency[imaginary + c + 1] += upSumIm * h1 - eastDifferenceRe * p1;
    }
  }
}
