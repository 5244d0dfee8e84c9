/**
 * The climatology: for every channel and point a mean and a few harmonics of the year, fitted by least squares,
 *   c(t) = a0 + sum over k of a_k cos(k p) + b_k sin(k p),   p = 2 pi t / year of the data's calendar,
 * to the known values of the training part. The phase runs on through the day, so sub-daily data need no care (their
 * daily cycle is left to the model).
 */
import type { Dataset } from '../../data/dataset.ts';
import { type Calendar, yearMs } from '../../io/calendar.ts';

/**
 * Least share of a term's variance that the terms before it may leave unexplained. Two harmonics pass with eight or
 * more months of the year known; with fewer, the fit would run wild in the months it never saw.
 */
const PIVOT = 0.25;

/** 1, cos p, sin p, cos 2p, sin 2p ... at a time in milliseconds since 1970 of the calendar: [1 + 2 * harmonics]. */
export function annualBasis(time: number, harmonics: number, calendar?: Calendar): Float64Array {
  const year = yearMs(calendar);
  const phase = (2 * Math.PI * (time % year)) / year;
  return Float64Array.from({ length: 1 + 2 * harmonics }, (_, k) => {
    const order = (k + 1) >> 1;
    if (k === 0) return 1;
    return k % 2 === 1 ? Math.cos(order * phase) : Math.sin(order * phase);
  });
}

/**
 * Fits the climatology to steps `from` (included) to `to` (not included).
 *
 * Where a point is known too seldom to tell the harmonics apart, or the steps cover less than most of a year, that
 * point gets its mean alone, without harmonics. A point never known gets NaN.
 *
 * @returns [1 + 2 * harmonics, channel, latitude, longitude]
 */
export function fitClimatology(dataset: Dataset, from: number, to: number, harmonics: number): Float32Array {
  const { values, times, calendar } = dataset;
  const points = values.length / times.length; // channel * latitude * longitude
  const terms = 1 + 2 * harmonics;
  const bases = Array.from({ length: to - from }, (_, i) =>
    annualBasis(times[from + i], harmonics, calendar),
  );

  // Right-hand sides B'x of all points in one sweep through the record, and how often each is known.
  const right = new Float64Array(terms * points); // [terms, points]
  const known = new Int32Array(points);
  for (let t = from; t < to; t++) {
    const basis = bases[t - from];
    for (let p = 0; p < points; p++) {
      const value = values[t * points + p];
      if (Number.isNaN(value)) continue;
      known[p]++;
      for (let k = 0; k < terms; k++) right[k * points + p] += basis[k] * value;
    }
  }

  // Points known at every step share one normal matrix.
  const whole = factorise(normalMatrix(bases), terms);
  const coefficients = new Float32Array(terms * points);
  for (let p = 0; p < points; p++) {
    const factor =
      known[p] === to - from
        ? whole
        : factorise(
            normalMatrix(bases.filter((_, i) => !Number.isNaN(values[(from + i) * points + p]))),
            terms,
          );
    const side = Float64Array.from({ length: terms }, (_, k) => right[k * points + p]);
    const solution = factor ? solve(factor, side) : [side[0] / known[p]];
    for (let k = 0; k < terms; k++) coefficients[k * points + p] = solution[k] ?? 0;
  }
  return coefficients;
}

/**
 * The climatology at a time (ms since 1970 of the calendar), in or out of the record: [channel, latitude, longitude].
 *
 * @param out where it is put
 */
export function evaluateClimatology(
  coefficients: Float32Array,
  harmonics: number,
  time: number,
  calendar?: Calendar,
  out = new Float32Array(coefficients.length / (1 + 2 * harmonics)),
): Float32Array {
  const basis = annualBasis(time, harmonics, calendar);
  const points = out.length;
  if (harmonics === 2) {
    // As all presets have them, and without the inner loop it takes a third of the time.
    const [mean, cosine, sine, cosine2, sine2] = basis;
    for (let p = 0; p < points; p++) {
      out[p] =
        0 +
        mean * coefficients[p] +
        cosine * coefficients[points + p] +
        sine * coefficients[2 * points + p] +
        cosine2 * coefficients[3 * points + p] +
        sine2 * coefficients[4 * points + p];
    }
    return out;
  }
  for (let p = 0; p < points; p++) {
    let sum = 0;
    for (let k = 0; k < basis.length; k++) sum += basis[k] * coefficients[k * points + p];
    out[p] = sum;
  }
  return out;
}

/** B'B of the given rows: [terms, terms]. */
function normalMatrix(rows: readonly Float64Array[]): Float64Array {
  const terms = rows[0]?.length ?? 0;
  const matrix = new Float64Array(terms * terms);
  for (const row of rows) {
    for (let i = 0; i < terms; i++) {
      for (let j = 0; j <= i; j++) matrix[i * terms + j] += row[i] * row[j];
    }
  }
  return matrix;
}

/** The Cholesky factor L of a symmetric matrix (lower half given), or undefined where it is nearly singular. */
export function factorise(matrix: Float64Array, terms: number): Float64Array | undefined {
  if (matrix.length === 0) return undefined;
  const factor = new Float64Array(terms * terms);
  for (let i = 0; i < terms; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * terms + j];
      for (let k = 0; k < j; k++) sum -= factor[i * terms + k] * factor[j * terms + k];
      if (i !== j) factor[i * terms + j] = sum / factor[j * terms + j];
      else if (sum > PIVOT * matrix[i * terms + i]) factor[i * terms + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return factor;
}

/** Solves L L' x = right. */
export function solve(factor: Float64Array, right: Float64Array): Float64Array {
  const terms = right.length;
  const x = right.slice();
  for (let i = 0; i < terms; i++) {
    for (let k = 0; k < i; k++) x[i] -= factor[i * terms + k] * x[k];
    x[i] /= factor[i * terms + i];
  }
  for (let i = terms - 1; i >= 0; i--) {
    for (let k = i + 1; k < terms; k++) x[i] -= factor[k * terms + i] * x[k];
    x[i] /= factor[i * terms + i];
  }
  return x;
}
