import { describe, expect, it } from 'vitest';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { sliceTask } from '../../../src/tasks/forecast/slice-task.ts';
import type { ForecastTask, TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { failureOf, makeDataset } from '../data/fixtures.ts';

const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 3,
  patch: [2, 2],
  split: { kind: 'fraction', train: 0.5, validation: 0.25 },
  normalisation: 'standard',
  harmonics: 0,
};
/** Two channels on 2 x 3 points, so padded to 2 x 4; distinct values everywhere. */
const value = (t: number, c: number, y: number, x: number) => 1000 * c + 10 * t + 3 * y + x;
const dataset = makeDataset({
  steps: 40,
  channels: ['a', 'b'],
  statics: [[0, 0, 0, 0, 0, 6]],
  value,
});

/** The normalised state of a step, [channel, height, width]: the oldest of an input. */
function stateOf(task: ForecastTask, step: number): Float32Array {
  const { channels, statics, height, width } = task;
  const { inputSteps } = task.options;
  const input = new Float32Array((inputSteps * channels + statics) * height * width);
  task.fillInput(step + inputSteps - 1, input, 0);
  return input.subarray(0, channels * height * width);
}

describe('the split', () => {
  it('keeps every step of a sample in its part', () => {
    const task = makeTask(dataset, options);
    const ends = (samples: Int32Array) => [samples[0], samples[samples.length - 1]];
    // Parts 0 to 19, 20 to 29, 30 to 39; a sample takes steps t - 1, t and t + 3.
    expect(ends(task.train)).toEqual([1, 16]);
    expect(ends(task.validation)).toEqual([21, 26]);
    expect(ends(task.test)).toEqual([31, 36]);
    expect(task.train.length).toBe(16);
  });

  it('cuts at dates, in UTC', () => {
    const split = { kind: 'date', validationFrom: '2001-01-11', testFrom: '2001-01-21T00:00' } as const;
    const task = makeTask(dataset, { ...options, split });
    expect([task.train[0], task.validation[0], task.test[0]]).toEqual([1, 11, 21]);
  });

  it('drops samples whose target is wholly missing', () => {
    const gaps = makeDataset({
      steps: 40,
      value: (t, _, y) => (t === 10 || (t === 11 && y > 0) ? Number.NaN : t),
    });
    const task = makeTask(gaps, options);
    expect(task.train.includes(7)).toBe(false);
    expect(task.train.includes(8)).toBe(true);
  });

  it('refuses a record too short, and says what a sample takes', () => {
    const short = makeDataset({ steps: 12, value });
    expect(failureOf(() => makeTask(short, options))).toBe(
      'DataError: The validation part has 3 of 12 steps (2001-01-07T00:00Z to 2001-01-09T00:00Z) and no whole sample in it: one takes 2 input steps and a known target 3 later, 5 steps in all. Use a longer record or another split.',
    );
    const late = { kind: 'date', validationFrom: '2010-01-01', testFrom: '2010-01-01' } as const;
    expect(failureOf(() => makeTask(dataset, { ...options, split: late }))).toContain(
      'The test part has 0 of 40 steps (the record runs from 2001-01-01T00:00Z to 2001-02-09T00:00Z) and no',
    );
  });
});

describe('options', () => {
  it.each<[string, Partial<TaskOptions>, RegExp]>([
    [
      'a patch larger than the grid',
      { patch: [4, 2] },
      /^DataError: The grid of 2 x 3 points is smaller than one patch of 4 x 2/,
    ],
    ['no input', { inputSteps: 0 }, /^RangeError: inputSteps is 0/],
    ['half a harmonic', { harmonics: 0.5 }, /^RangeError: harmonics is 0\.5/],
    [
      'fractions above 1',
      { split: { kind: 'fraction', train: 0.8, validation: 0.3 } },
      /^RangeError: The split takes 0\.8/,
    ],
    [
      'dates out of order',
      { split: { kind: 'date', validationFrom: '2002', testFrom: '2001' } },
      /^RangeError: .* validates from 2002/,
    ],
  ])('refuse %s', (_, changed, message) => {
    expect(failureOf(() => makeTask(dataset, { ...options, ...changed }))).toMatch(message);
  });
});

describe('normalised fields', () => {
  it('have mean 0 and deviation 1 over the training part alone', () => {
    const task = makeTask(dataset, options);
    let [sum, squares, count] = [0, 0, 0];
    for (let step = 0; step < 20; step++) {
      const state = stateOf(task, step);
      for (let c = 0; c < 2; c++) {
        for (const at of [0, 1, 2, 4, 5, 6]) {
          sum += state[c * 8 + at];
          squares += state[c * 8 + at] ** 2;
          count++;
        }
      }
    }
    expect(sum / count).toBeCloseTo(0, 4);
    expect(squares / count).toBeCloseTo(1, 4);
  });

  it('lie in the input oldest first, statics last, padding 0', () => {
    const task = makeTask(dataset, options);
    const { mean, std } = task.normalisation;
    const size = (2 * 2 + 1) * 8;
    const out = new Float32Array(size + 2).fill(9);
    task.fillInput(5, out, 1);
    expect([out[0], out[size + 1]]).toEqual([9, 9]);
    const at = (step: number, c: number, y: number, x: number) => out[1 + ((step * 2 + c) * 2 + y) * 4 + x];
    for (const [step, t] of [4, 5].entries()) {
      for (let c = 0; c < 2; c++) {
        expect(at(step, c, 1, 2)).toBeCloseTo((value(t, c, 1, 2) - mean[c]) / std[c], 5);
        expect([at(step, c, 0, 3), at(step, c, 1, 3)]).toEqual([0, 0]);
      }
    }
    // One value of 6 among six: mean 1, deviation sqrt(5).
    const field = [...out.slice(1 + 4 * 8, 1 + 5 * 8)];
    expect(field[0]).toBeCloseTo(-1 / Math.sqrt(5), 5);
    expect(field[6]).toBeCloseTo(5 / Math.sqrt(5), 5);
    expect([field[3], field[7]]).toEqual([0, 0]);
  });

  it('are put back into physical units', () => {
    for (const normalisation of ['standard', 'anomaly'] as const) {
      const task = makeTask(dataset, { ...options, normalisation });
      const back = task.denormalise(stateOf(task, 8), 8);
      expect(back.length).toBe(12);
      back.forEach((v, p) => {
        expect(v).toBeCloseTo(dataset.values[8 * 12 + p], 2);
      });
    }
  });

  it('are anomalies from the climatology of their day', () => {
    const year = 2 * Math.PI;
    const cycle = makeDataset({
      steps: 1600,
      value: (t, _, y, x) => 50 * Math.cos((year * t) / 365.25) + (y + 1) * ((t + x) % 2 === 0 ? 2 : -2),
    });
    const task = makeTask(cycle, { ...options, normalisation: 'anomaly', harmonics: 1 });
    // Anomalies are 2 in one row and 4 in the other, so their deviation is sqrt(10).
    expect(task.normalisation.std[0]).toBeCloseTo(Math.sqrt(10), 2);
    expect(task.normalisation.mean).toEqual([0]);
    const state = stateOf(task, 1400);
    expect(state[0]).toBeCloseTo(2 / Math.sqrt(10), 2);
    expect(state[4]).toBeCloseTo(4 / Math.sqrt(10), 2);
    expect(task.climatologyAt(1461 * 3)[0]).toBeCloseTo(50, 1);
  });

  it('leave missing values out of the statistics, the input and the mask', () => {
    const holes = makeDataset({
      steps: 40,
      value: (t, _c, y, x) => (y === 0 && x === 0 && t % 2 === 0 ? Number.NaN : t % 4 < 2 ? 4 : 8),
    });
    const task = makeTask(holes, options);
    expect(task.normalisation.mean[0]).toBeCloseTo(6, 6);
    expect(task.normalisation.std[0]).toBeCloseTo(2, 6);
    const out = new Float32Array(16);
    task.fillInput(2, out, 0); // steps 1 and 2
    expect([out[0], out[8]]).toEqual([-1, 0]);
    task.fillMask(3, out, 0); // step 6
    expect([...out.slice(0, 8)]).toEqual([0, 1, 1, 0, 1, 1, 1, 0]);
  });

  it('do not blow up a constant channel', () => {
    const flat = makeDataset({ steps: 40, value: () => 101_325.3 });
    expect(makeTask(flat, options).normalisation.std).toEqual([1]);
  });
});

describe('the loss weight', () => {
  it('is area times variable weight, of mean square 1, and 0 on padding', () => {
    const all = { inputChannels: [0, 1, 2, 3, 4], outputChannels: [0, 1], rowFrom: 0, rowTo: 2 };
    const weighted = (b: number) =>
      sliceTask(makeTask(dataset, { ...options, variableWeights: { a: b / 3, b } }), all);
    expect(failureOf(() => weighted(0))).toMatch(/^RangeError: The variable weights 0, 0/);
    const { lossWeight } = weighted(3);
    expect([lossWeight[3], lossWeight[7]]).toEqual([0, 0]);
    const squares = lossWeight.map(w => w * w);
    expect(squares.reduce((a, b) => a + b, 0) / 12).toBeCloseTo(1, 5);
    expect(squares[8] / squares[0]).toBeCloseTo(3, 5);
    const radians = Math.PI / 180;
    const [south, north] = [40, 50].map(lat => Math.cos(lat * radians));
    expect(squares[0] / squares[4]).toBeCloseTo(south / north, 5);
  });
});

it('takes what was found elsewhere, where it does not hold the training part', () => {
  const { normalisation, train, validation, test } = makeTask(dataset, options);
  const shifted = { ...normalisation, mean: [7, 8] };
  const firstStep = validation[0] - 1;
  const { values, times } = dataset;
  const late = { ...dataset, firstStep, values: values.slice((firstStep * values.length) / times.length) };
  const task = makeTask(late, options, { normalisation: shifted, train, validation, test });
  expect(task.normalisation.mean).toEqual([7, 8]);
  expect(task.train).toEqual(train);
  expect(stateOf(task, validation[0]).some(value => value !== 0)).toBe(true);
  expect(failureOf(() => stateOf(task, 0))).toMatch(/^RangeError: Step \d+ is not in memory/);
});
