/** Fits against tables, exact lines and synthetic runs with a known law. */
import { describe, expect, test } from 'vitest';
import { type Fit, leastSquares, lineThrough } from '../../../src/study/least-squares.ts';
import { studentQuantile } from '../../../src/study/student.ts';

test.each([
  // Abramowitz and Stegun, table 26.10.
  [0.95, 1, 12.706],
  [0.95, 4, 2.776],
  [0.95, 30, 2.042],
  [0.99, 2, 9.925],
  [0.99, 10, 3.169],
  [0.9, 7, 1.895],
  [0.95, 1000, 1.962],
])('t of %f with %i degrees of freedom is %f', (confidence, freedom, expected) => {
  expect(Math.abs(studentQuantile(confidence, freedom) - expected)).toBeLessThan(6e-4);
});

test('a line that goes through all points is found exactly', () => {
  const fit = lineThrough([1, 2, 3, 5].map(x => [x, 7 - 2 * x]))!;
  expect(fit.coefficients[0].value).toBeCloseTo(7, 10);
  expect(fit.coefficients[1].value).toBeCloseTo(-2, 10);
  expect(fit.r2).toBeCloseTo(1, 10);
  expect(fit.freedom).toBe(2);
});

test("the interval of a slope is that of a textbook's regression", () => {
  // Anscombe's first set (1973): 3.00 + 0.500 x, standard error of the slope 0.1179, R2 0.667, 9 degrees of freedom.
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const fit = lineThrough(x.map((value, i) => [value, y[i]]))!;
  expect(fit.coefficients[1].value).toBeCloseTo(0.5001, 4);
  expect(fit.coefficients[1].halfWidth / studentQuantile(0.95, 9)).toBeCloseTo(0.1179, 4);
  expect(fit.r2).toBeCloseTo(0.6665, 4);
});

test('what does not vary is not explained', () => {
  const fit = lineThrough([1, 2, 3, 4].map(x => [x, 30 + 1e-14 * x]))!;
  expect(fit.r2).toBeNaN();
});

test('too few points, or columns that say the same, determine nothing', () => {
  expect(lineThrough([[1, 2]])).toBeUndefined();
  expect(
    lineThrough([
      [3, 1],
      [3, 2],
      [3, 5],
    ]),
  ).toBeUndefined();
  expect(
    leastSquares(
      [
        [1, 2, 4],
        [1, 3, 6],
        [1, 5, 10],
        [1, 7, 14],
      ],
      [1, 2, 3, 4],
    ),
  ).toBeUndefined();
});

describe('runs with a known law', () => {
  /** Uniform in [-1, 1), the same in every run of the test. */
  const noise = (seed: number) => {
    let state = seed >>> 0;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 31 - 1;
    };
  };
  const studies = Array.from({ length: 200 }, (_, seed) => {
    const random = noise(seed + 1);
    const samples = Array.from({ length: 12 }, (_, i) => 100 * (1 + (i % 4)));
    const updates = Array.from({ length: 12 }, (_, i) => 5 + 3 * (i % 3));
    // Sums of uniform numbers are close to normal.
    const normal = () => random() + random() + random();
    const power = samples.map((s, i) => 40 + 0.2 * s + 1.5 * updates[i] + 2 * normal());
    return { rows: samples.map((s, i) => [1, s, updates[i]]), power };
  });
  const holds = (fit: ReturnType<typeof leastSquares>) =>
    [40, 0.2, 1.5].every((truth, j) => {
      const { value, halfWidth } = fit!.coefficients[j];
      return Math.abs(value - truth) <= halfWidth;
    });

  test('their coefficients lie in the intervals as often as is said', () => {
    const found = studies.map(({ rows, power }) => leastSquares(rows, power, 0.99)!);
    // All three at once: at least 97 % of the studies.
    expect(found.filter(holds).length / found.length).toBeGreaterThan(0.96);
    const slopes = found.map(fit => fit.coefficients[1].value);
    expect(slopes.reduce((a, b) => a + b, 0) / slopes.length).toBeCloseTo(0.2, 2);
  });

  test('but not where the labels are shuffled', () => {
    const shuffled = studies.map(({ rows, power }, seed) => {
      const random = noise(seed + 1000);
      const order = power.map((value, i) => ({ value, at: random(), i })).sort((a, b) => a.at - b.at);
      return leastSquares(
        rows,
        order.map(({ value }) => value),
        0.99,
      )!;
    });
    const isSeen = ({ coefficients }: Fit) =>
      coefficients.slice(1).some(({ value, halfWidth }) => Math.abs(value) > halfWidth);
    expect(studies.every(({ rows, power }) => isSeen(leastSquares(rows, power, 0.99)!))).toBe(true);
    expect(shuffled.filter(isSeen).length / shuffled.length).toBeLessThan(0.05);
    const explained = shuffled.map(({ r2 }) => r2).sort((a, b) => a - b);
    expect(explained[explained.length / 2]).toBeLessThan(0.5);
  });
});
