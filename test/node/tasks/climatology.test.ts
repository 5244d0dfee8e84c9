import { describe, expect, it } from 'vitest';
import { evaluateClimatology, fitClimatology } from '../../../src/tasks/forecast/climatology.ts';
import { makeDataset } from '../data/fixtures.ts';

const YEAR_HOURS = 365.25 * 24;
const phase = (ms: number) => (2 * Math.PI * ms) / (YEAR_HOURS * 3_600_000);
const start = Date.UTC(2001, 0, 1);
/** Two harmonics with coefficients of their own at every point. */
const truth = (ms: number, y: number, x: number) =>
  280 +
  y +
  10 * Math.cos(phase(ms)) +
  x * Math.sin(phase(ms)) -
  3 * Math.sin(2 * phase(ms)) +
  y * Math.cos(2 * phase(ms));
const sixHourly = (t: number) => start + t * 6 * 3_600_000;

describe('fitClimatology', () => {
  it('recovers harmonics from sub-daily data of uneven cover, and runs past the record', () => {
    const steps = 4 * 500;
    const dataset = makeDataset({
      steps,
      stepHours: 6,
      // A third of the steps is missing at one point, all at another.
      value: (t, _, y, x) => {
        if (y === 1 && x === 2) return Number.NaN;
        return y === 0 && x === 1 && t % 3 === 0 ? Number.NaN : truth(sixHourly(t), y, x);
      },
    });
    const coefficients = fitClimatology(dataset, 0, steps, 2);
    expect(coefficients.length).toBe(5 * 6);
    for (const t of [0, 777, 5 * steps]) {
      const field = evaluateClimatology(coefficients, 2, sixHourly(t));
      for (let p = 0; p < 5; p++) {
        expect(field[p]).toBeCloseTo(truth(sixHourly(t), Math.floor(p / 3), p % 3), 2);
      }
      expect(field[5]).toBeNaN();
    }
  });

  it('uses the given steps alone', () => {
    const dataset = makeDataset({ steps: 900, value: t => (t >= 100 && t < 800 ? 5 : 1000) });
    const field = evaluateClimatology(fitClimatology(dataset, 100, 800, 2), 2, start);
    expect([...field].every(value => Math.abs(value - 5) < 1e-4)).toBe(true);
  });

  it('falls back to the mean where the year is not covered', () => {
    // Two months of a rise: harmonics would follow it exactly and be absurd in summer.
    const dataset = makeDataset({ steps: 61, value: t => t });
    const summer = evaluateClimatology(fitClimatology(dataset, 0, 61, 2), 2, Date.UTC(2001, 6, 1));
    expect(summer[0]).toBeCloseTo(30, 4);
  });

  it('is the mean without harmonics', () => {
    const dataset = makeDataset({ steps: 4, value: t => t });
    expect(fitClimatology(dataset, 0, 4, 0)[0]).toBeCloseTo(1.5, 6);
  });
});
