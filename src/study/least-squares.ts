/** Ordinary least squares with the intervals that the coefficients lie in. */
import { studentQuantile } from './student.ts';

export interface Coefficient {
  readonly value: number;
  /** Half the width of the interval; not a number where the points leave no freedom. */
  readonly halfWidth: number;
}

export interface Fit {
  /** In the order of the columns. */
  readonly coefficients: readonly Coefficient[];
  /** Share of the variance of y that the fit explains, 1 where it explains all; not a number where there is none. */
  readonly r2: number;
  /** Points less coefficients. */
  readonly freedom: number;
}

/**
 * y = sum of coefficient x column, with normal errors alike in all points.
 *
 * @param rows of every point, the values of the columns; a column of ones is the intercept
 * @param confidence of the intervals
 * @returns undefined where the points do not determine the coefficients: too few, or columns that depend on each other
 */
export function leastSquares(
  rows: readonly (readonly number[])[],
  y: readonly number[],
  confidence = 0.95,
): Fit | undefined {
  const count = rows[0]?.length ?? 0;
  if (count === 0 || rows.length < count) return undefined;
  // Columns of length 1, so that watts and samples an hour weigh the same where it is asked whether they depend on each other.
  const scales = Array.from({ length: count }, (_, j) => Math.hypot(...rows.map(row => row[j])));
  if (scales.some(scale => scale === 0)) return undefined;
  const scaled = rows.map(row => row.map((value, j) => value / scales[j]));
  const products = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => sum(scaled.map(row => row[i] * row[j]))),
  );
  const inverse = inverted(products);
  if (!inverse) return undefined;
  const moments = Array.from({ length: count }, (_, i) => sum(scaled.map((row, k) => row[i] * y[k])));
  const values = inverse.map(row => sum(row.map((value, j) => value * moments[j])));
  const residuals = sum(scaled.map((row, k) => (y[k] - sum(row.map((value, j) => value * values[j]))) ** 2));
  const mean = sum(y) / y.length;
  const total = sum(y.map(value => (value - mean) ** 2));
  const freedom = rows.length - count;
  const quantile = freedom > 0 ? studentQuantile(confidence, freedom) : Number.NaN;
  return {
    coefficients: values.map((value, j) => ({
      value: value / scales[j],
      halfWidth: (quantile * Math.sqrt((residuals / freedom) * inverse[j][j])) / scales[j],
    })),
    // Values that are all the same, to rounding, have no variance to explain.
    r2: total > 1e-20 * sum(y.map(value => value * value)) ? 1 - residuals / total : Number.NaN,
    freedom,
  };
}

/** The straight line through points [x, y]: intercept and slope. */
export const lineThrough = (points: readonly (readonly [number, number])[], confidence?: number) =>
  leastSquares(
    points.map(([x]) => [1, x]),
    points.map(([, y]) => y),
    confidence,
  );

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Columns are taken to depend on each other where less than this of one is left beside the others. */
const LEAST = 1e-10;

/** By Gauss and Jordan; undefined where the matrix, symmetric and with a diagonal of ones, is as good as singular. */
function inverted(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let k = i + 1; k < size; k++) if (Math.abs(work[k][i]) > Math.abs(work[pivot][i])) pivot = k;
    if (Math.abs(work[pivot][i]) < LEAST) return undefined;
    [work[i], work[pivot]] = [work[pivot], work[i]];
    const own = work[i].map(value => value / work[i][i]);
    work[i] = own;
    for (let k = 0; k < size; k++) {
      if (k === i) continue;
      const factor = work[k][i];
      work[k] = work[k].map((value, j) => value - factor * own[j]);
    }
  }
  return work.map(row => row.slice(size));
}
