/** What a model is fed with in a roll-out through the host: its own forecasts, and zero where nothing was ever known. */

import { expect, test } from 'vitest';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { rollOut } from '../../../src/tasks/forecast/roll-out.ts';
import type { ForecastTask } from '../../../src/tasks/forecast/task.ts';
import type { Predictor } from '../../../src/tasks/predictor.ts';
import { makeDataset } from '../data/fixtures.ts';

/** One channel on 2 x 3 points, padded to 2 x 4, and a static field; two states in. */
const taskOf = (missing: (t: number, y: number, x: number) => boolean) =>
  makeTask(
    makeDataset({
      steps: 40,
      channels: ['a'],
      statics: [[1, 2, 3, 4, 5, 6]],
      value: (t, _, y, x) => (missing(t, y, x) ? Number.NaN : t + 3 * y + x),
    }),
    {
      inputSteps: 2,
      leadSteps: 1,
      patch: [2, 2],
      split: { kind: 'fraction', train: 0.5, validation: 0.25 },
      normalisation: 'standard',
      harmonics: 0,
    },
  );

/** All that the model is given in three steps from two starts in one batch; its `n`-th forecast is 100 n everywhere. */
async function inputsOf(task: ForecastTask): Promise<number[][]> {
  const inputs: number[][] = [];
  const model: Predictor = {
    forecastBatch: 2,
    async predict(input) {
      inputs.push([...input]);
      return new Float32Array(16).fill(100 * inputs.length);
    },
    rollOut: () => undefined,
  };
  const steps: number[] = [];
  for await (const { step } of rollOut(model, task, [4, 7], new Set([1, 3]), 2)) steps.push(step);
  expect(steps).toEqual([1, 1, 3, 3]);
  return inputs;
}

const wholeInput = (task: ForecastTask, time: number) => {
  const input = new Float32Array(24);
  task.fillInput(time, input, 0);
  return [...input];
};

test('states move one step on, statics stay, and padding is zero', async () => {
  const task = taskOf(() => false);
  const [first, second, third] = await inputsOf(task);
  const [a, b] = [wholeInput(task, 4), wholeInput(task, 7)];
  const known = (value: number) => [value, value, value, 0, value, value, value, 0];
  expect(first).toEqual([...a, ...b]);
  expect(second).toEqual([
    ...[...a.slice(8, 16), ...known(100), ...a.slice(16)],
    ...[...b.slice(8, 16), ...known(100), ...b.slice(16)],
  ]);
  expect(third.slice(0, 16)).toEqual([...known(100), ...known(200)]);
});

test('what is missing at the first target is zero, by sample', async () => {
  // Step 5 is the target of the first start; the other one, step 8, is whole.
  const [, second] = await inputsOf(taskOf((t, y, x) => t === 5 && y === 0 && x === 1));
  expect(second.slice(8, 16)).toEqual([100, 0, 100, 0, 100, 100, 100, 0]);
  expect(second.slice(32, 40)).toEqual([100, 100, 100, 0, 100, 100, 100, 0]);
});
