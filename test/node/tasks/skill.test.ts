import { describe, expect, it } from 'vitest';
import { createScorer } from '../../../src/tasks/forecast/skill.ts';
import { failureOf, makeDataset } from '../data/fixtures.ts';

const latitude = [0, 50];
const sine = (degrees: number) => Math.sin((degrees * Math.PI) / 180);
/** The second row reaches the pole, the first half a spacing beyond the equator. */
const area = [sine(25) - sine(-25), 1 - sine(25)];
const cosine = [1, sine(40)];

const mean = (values: readonly number[], weights: readonly number[]) =>
  values.reduce((sum, v, i) => sum + v * weights[i], 0) / weights.reduce((a, b) => a + b, 0);

function fixture(value: (t: number, c: number, y: number) => number, climatology: readonly number[]) {
  const dataset = makeDataset({
    steps: 6,
    latitude,
    longitude: [0],
    channels: ['a', 'b'],
    stepHours: 6,
    value,
  });
  return createScorer({ dataset, climatologyAt: () => Float32Array.from(climatology) });
}
const forecast = (...values: number[]) => Float32Array.from(values);

describe('createScorer', () => {
  it('roots the time mean of the weighted squared error, per channel and lead', () => {
    const scorer = fixture((t, c, y) => 10 * c + t + y, [2, 3, 12, 14]);
    // Lead 2: valid at 2 and 3, so the truth is 2 3 / 12 13 and 3 4 / 13 14.
    scorer.add(0, 2, forecast(3, 3, 12, 16));
    scorer.add(1, 2, forecast(3, 6, 13, 14));
    scorer.add(0, 1, forecast(1, 2, 11, 12));
    const rows = scorer.rows();
    expect(rows.map(row => [row.leadHours, row.channel])).toEqual([
      [6, 'a'],
      [6, 'b'],
      [12, 'a'],
      [12, 'b'],
    ]);
    expect(rows[0].rmse).toBe(0);
    expect(rows[0].persistence).toBeCloseTo(1, 12);

    const [, , a, b] = rows;
    const squares = (weights: readonly number[]) => (mean([1, 0], weights) + mean([0, 4], weights)) / 2;
    expect(a.rmse).toBeCloseTo(Math.sqrt(squares(area)), 12);
    expect(a.rmseCos).toBeCloseTo(Math.sqrt(squares(cosine)), 12);
    expect(a.bias).toBeCloseTo((mean([1, 0], area) + mean([0, 2], area)) / 2, 12);
    expect(a.persistence).toBeCloseTo(2, 12);
    expect(a.persistenceCos).toBeCloseTo(2, 12);
    expect(a.climatology).toBeCloseTo(Math.sqrt(0.5), 12);
    expect(b.rmse).toBeCloseTo(Math.sqrt(mean([0, 9], area) / 2), 12);
    const climatology = (weights: readonly number[]) => (mean([0, 1], weights) + mean([1, 0], weights)) / 2;
    expect(b.climatology).toBeCloseTo(Math.sqrt(climatology(area)), 12);
    expect(b.climatologyCos).toBeCloseTo(Math.sqrt(climatology(cosine)), 12);
  });

  it('correlates anomalies at each time, then averages', () => {
    const scorer = fixture((t, c, y) => (t === 1 ? [1, 2] : [-1, 3])[y] + c, [0, 0, 1, 1]);
    scorer.add(0, 1, forecast(2, 4, 2, 3)); // a: twice the anomaly; b: the anomaly itself
    scorer.add(1, 1, forecast(3, 1, 2, -2)); // a: uncorrelated but for the weights; b: its opposite
    const [a, b] = scorer.rows();
    const both = mean([-3, 3], area) / Math.sqrt(mean([9, 1], area) * mean([1, 9], area));
    expect(a.acc).toBeCloseTo((1 + both) / 2, 6);
    expect(b.acc).toBeCloseTo(0, 6);
  });

  it('has no correlation for a forecast of climatology alone', () => {
    const scorer = fixture(t => t, [0, 0, 0, 0]);
    scorer.add(0, 1, forecast(0, 0, 0, 0));
    expect(scorer.rows()[0].acc).toBeNaN();
    scorer.add(1, 1, forecast(1, 1, 1, 1));
    expect(scorer.rows()[0].acc).toBeCloseTo(1, 6);
  });

  it('scores the points that are known, with weights that stand for all', () => {
    // Channel a: the second row is missing at step 1, everything at step 2. Channel b is whole.
    const value = (t: number, c: number, y: number) =>
      c === 0 && (t === 2 || (t === 1 && y === 1)) ? Number.NaN : t;
    const scorer = fixture(value, [0, 0, 0, 0]);
    scorer.add(0, 1, forecast(4, 100, 1, 1)); // error 3 at the one known point
    scorer.add(1, 1, forecast(4, 4, 2, 2)); // nothing known: no part of the mean
    scorer.add(2, 1, forecast(4, 4, 3, 3)); // errors 1; its persistence is wholly unknown
    const [a, b] = scorer.rows();
    expect(a.rmse).toBeCloseTo(Math.sqrt((9 + 1) / 2), 12);
    expect(a.bias).toBeCloseTo((3 + 1) / 2, 12);
    expect(a.persistence).toBeCloseTo(1, 12);
    expect(b.rmse).toBe(0);
  });

  it('leaves out points without a climatology, but not a forecast that failed', () => {
    const scorer = fixture(t => t, [Number.NaN, 0, 0, 0]);
    scorer.add(0, 1, forecast(Number.NaN, 1, Number.NaN, 1));
    const [a, b] = scorer.rows();
    expect(a.rmse).toBe(0);
    expect(b.rmse).toBeNaN();
  });

  it('refuses what it cannot score', () => {
    const scorer = fixture(t => t, [0, 0, 0, 0]);
    expect(failureOf(() => scorer.add(4, 2, forecast(0, 0, 0, 0)))).toMatch(
      /^RangeError: .*4 \+ 2.* 6 steps/,
    );
    expect(failureOf(() => scorer.add(0, 1, forecast(0)))).toMatch(/^RangeError: The forecast has 1 values/);
  });
});
