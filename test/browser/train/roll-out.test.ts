/** Predictor that are fed back on the device are those that pass through the host, bit for bit. */

import { expect, test } from 'vitest';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { rollOut } from '../../../src/tasks/forecast/roll-out.ts';
import type { Predictor } from '../../../src/tasks/predictor.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { makeDataset } from '../../node/data/fixtures.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { optimizer } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';
import { task as gapped, model as gridModel } from '../parallel/local-mesh.ts';

async function statesOf(model: Predictor, task: typeof gapped, batch: number): Promise<object[]> {
  const found: object[] = [];
  // An odd number of starts: the last batch is not full.
  for await (const { time, step, state } of rollOut(model, task, [4, 9, 11], new Set([1, 2, 3, 6]), batch)) {
    found.push({ time, step, bits: [...new Uint32Array(state.slice().buffer)] });
  }
  return found;
}

// The last of 16 rows is padding where the data have 15, and other values than zero are forecast there.
test.each([
  [1, 16],
  [2, 16],
  [2, 15],
  [3, 15],
])('%i input steps, %i rows of data', async (inputSteps, rows) => {
  const { gpu, pipelines } = await testGpu();
  const task = makeTask(
    makeDataset({
      steps: 40,
      stepHours: 6,
      channels: ['a', 'b', 'c', 'd', 'e'],
      latitude: Array.from({ length: rows }, (_, i) => 84 - 11 * i),
      longitude: Array.from({ length: 12 }, (_, i) => 30 * i),
      statics: [Array.from({ length: 12 * rows }, (_, i) => Math.sin(i))],
      value: (t, c, y, x) => Math.sin(0.5 * x + 0.3 * c - 0.4 * t) * Math.cos(0.4 * y + c),
    }),
    { ...gapped.options, inputSteps },
  );
  const model = { ...gridModel, inputSteps };
  const trainer = await Trainer.create(gpu, pipelines, {
    ...forecastJob(model),
    optimizer,
    batch: 2,
    seed: 3,
  });
  const onHost: Predictor = {
    forecastBatch: 2,
    predict: (input, batch) => trainer.predict(input, batch),
    rollOut: () => undefined,
  };
  for (const batch of [1, 2]) {
    const expected = await statesOf(onHost, task, batch);
    expect(expected).toHaveLength(12);
    expect(await statesOf(trainer, task, batch)).toEqual(expected);
  }
  // Two at once share an executor and what is read through.
  const both = [statesOf(trainer, task, 2), statesOf(trainer, task, 2), statesOf(onHost, task, 2)];
  const [first, second, third] = await Promise.all(both);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  trainer.destroy();
});

test('where values are missing, what is fed back passes through the host', async () => {
  let asked = 0;
  const model: Predictor = {
    forecastBatch: 1,
    predict: async () => new Float32Array(gapped.channels * gapped.height * gapped.width),
    rollOut() {
      asked++;
      return undefined;
    },
  };
  expect(await statesOf(model, gapped, 1)).not.toHaveLength(0);
  expect(asked).toBe(0);
});
