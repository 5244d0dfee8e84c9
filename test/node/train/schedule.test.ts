import { describe, expect, test } from 'vitest';
import {
  afterEvaluation,
  freshPlateau,
  learningRateAt,
  type PlateauState,
  type ScheduleOptions,
} from '../../../src/train/schedule.ts';

const cosine: ScheduleOptions = { kind: 'cosine', peak: 1e-3, floor: 1e-5, warmup: 10 };
const plateau: ScheduleOptions = { kind: 'plateau', peak: 1e-3, warmup: 10, factor: 0.5, patience: 2 };
const constant: ScheduleOptions = { kind: 'constant', peak: 1e-3, warmup: 10 };

const milestones: ScheduleOptions = { kind: 'milestones', peak: 1e-3, warmup: 10, factor: 0.1, at: [0.5] };
test.each([cosine, plateau, milestones, constant])(
  '$kind warms up in equal steps and never starts at zero',
  options => {
    for (let step = 1; step <= 10; step++) {
      expect(learningRateAt(options, step, 100)).toBeCloseTo(step * 1e-4, 12);
    }
  },
);

describe('cosine', () => {
  test('is at the peak after warm-up, half way in the middle and at the floor at the last step', () => {
    expect(learningRateAt(cosine, 10, 110)).toBeCloseTo(1e-3, 12);
    expect(learningRateAt(cosine, 60, 110)).toBeCloseTo((1e-3 + 1e-5) / 2, 12);
    expect(learningRateAt(cosine, 35, 110)).toBeCloseTo(1e-5 + 0.99e-3 * Math.cos(Math.PI / 8) ** 2, 12);
    expect(learningRateAt(cosine, 110, 110)).toBeCloseTo(1e-5, 12);
  });

  test('falls from step to step, and stays at the floor past the end', () => {
    for (let step = 11; step <= 110; step++) {
      expect(learningRateAt(cosine, step, 110)).toBeLessThan(learningRateAt(cosine, step - 1, 110));
    }
    expect(learningRateAt(cosine, 500, 110)).toBeCloseTo(1e-5, 12);
  });

  test('without warm-up, and with no more steps than warm-up, gives finite rates', () => {
    expect(learningRateAt({ ...cosine, warmup: 0 }, 1, 1)).toBeCloseTo(1e-5, 12);
    expect(learningRateAt(cosine, 5, 5)).toBeCloseTo(5e-4, 12);
    expect(learningRateAt(cosine, 11, 10)).toBeCloseTo(1e-5, 12);
  });
});

describe('plateau', () => {
  /** States after each of `scores`. */
  function follow(scores: readonly number[], patience: number): PlateauState[] {
    let state = freshPlateau;
    return scores.map(score => {
      state = afterEvaluation(state, score, patience);
      return state;
    });
  }

  test('reduces once for every `patience` evaluations without improvement', () => {
    const reductions = follow([5, 4, 4, 4.5, 4.2, 4.1, 4.3], 2).map(state => state.reductions);
    expect(reductions).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  test('an improvement starts the wait anew', () => {
    const states = follow([5, 6, 4, 6, 3.9], 2);
    expect(states.at(-1)).toEqual({ best: 3.9, waited: 0, reductions: 0 });
  });

  test('a score that is not a number is no improvement', () => {
    expect(follow([5, Number.NaN, Number.NaN], 2).at(-1)).toEqual({ best: 5, waited: 0, reductions: 1 });
  });

  test('multiplies the peak by the factor for each reduction', () => {
    const [state] = follow([1, 2, 3, 4, 5], 2).slice(-1);
    expect(learningRateAt(plateau, 50, 100, state)).toBeCloseTo(0.25e-3, 12);
    expect(learningRateAt(plateau, 50, 100)).toBeCloseTo(1e-3, 12);
  });
});

test('a constant rate stays', () => {
  expect(learningRateAt(constant, 11, 20)).toBe(1e-3);
  expect(learningRateAt(constant, 20, 20)).toBe(1e-3);
});

test('at every milestone the rate falls by the factor, after its step', () => {
  const steps: ScheduleOptions = { kind: 'milestones', peak: 0.1, warmup: 5, factor: 0.1, at: [0.5, 0.75] };
  const rates = [5, 6, 50, 51, 75, 76, 100].map(step => learningRateAt(steps, step, 100));
  const expected = [0.1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001];
  rates.forEach((rate, i) => {
    expect(rate).toBeCloseTo(expected[i], 12);
  });
});
