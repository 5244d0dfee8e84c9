/** Synthetic data: the shape of what they stand for, the same bits however they are cut, and a task that can be learnt. */
import { describe, expect, test } from 'vitest';
import { syntheticTask } from '../../../src/data/choice/synthetic.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { sliceDataset } from '../../../src/data/slice.ts';
import { publishedSizes } from '../../../src/models/published-sizes.ts';
import { modelFor } from '../../../src/session/api/fitted-model.ts';
import { forecastPresets, presets, syntheticChoice } from '../../../src/session/api/presets.ts';
import { settingsOf } from '../../../src/session/api/settings.ts';
import { frameOfShape } from '../../../src/tasks/forecast/frame.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';

async function datasetOf(preset: string, steps: number, seed = 1) {
  const source = await openBoxed({ ...syntheticChoice(presets[preset], seed), steps });
  return { source, ...(await source.read()) };
}

describe('synthetic data', () => {
  test.each([
    ['demo', [14, 3], [32, 64]],
    ['era5', [69, 3], [32, 64]],
    ['published-1', [69, 3], [720, 1440]],
  ])('of %s have its channels and grid', async (preset, [channels, statics], [rows, columns]) => {
    const { fields } = await openBoxed(syntheticChoice(presets[preset], 1));
    expect([fields.channels.length, fields.statics]).toEqual([channels, statics]);
    expect([fields.latitude.length, fields.longitude.length]).toEqual([rows, columns]);
  });

  test('say that they are, and that nothing was read', async () => {
    const { dataset, bytesRead } = await datasetOf('demo', 1);
    expect(dataset.synthetic).toBe(true);
    expect(dataset.source).toContain('synthetic waves');
    expect(bytesRead).toBe(0);
  });

  test('in a box are the same bits as the box of all', async () => {
    const { source, dataset } = await datasetOf('demo', 6);
    const box = { channels: [2, 11], statics: [1], latitudeFrom: 5, latitudeTo: 9, timeFrom: 2, timeTo: 5 };
    expect((await source.read(box)).dataset).toEqual(sliceDataset(dataset, box));
  });

  test('differ between seeds, channels and steps', async () => {
    const [one, other] = await Promise.all([datasetOf('demo', 2), datasetOf('demo', 2, 2)]);
    const field = 32 * 64;
    const fields = [one, other].flatMap(({ dataset: { values } }) =>
      [0, 1, 14].map(index => values.slice(index * field, (index + 1) * field)),
    );
    for (const [i, a] of fields.entries()) {
      for (const b of fields.slice(i + 1)) expect(a).not.toEqual(b);
    }
  });

  test.each(['demo', 'tiny', 'regional', 'era5'] as const)(
    'make a task with the settings of %s',
    async preset => {
      const settings = settingsOf({ preset, steps: 1, seed: 1 });
      const options = { ...forecastPresets[preset].task.options, ...syntheticTask };
      const { dataset } = await datasetOf(preset, 32);
      const task = makeTask(dataset, options);
      expect(() => modelFor(settings, frameOfShape(task, false))).not.toThrow();
      for (const part of ['train', 'validation', 'test'] as const)
        expect(task[part].length).toBeGreaterThan(3);
      const { inputSteps } = task.options;
      const size = task.height * task.width;
      const input = new Float32Array((inputSteps * task.channels + task.statics) * size);
      task.fillInput(task.train[0], input, 0);
      const state = input.subarray(0, inputSteps * task.channels * size);
      const spread = Math.sqrt(state.reduce((sum, value) => sum + value ** 2, 0) / state.length);
      expect(spread).toBeGreaterThan(0.5);
      expect(spread).toBeLessThan(2);
    },
  );

  test('of a published size can be cut in three parts', async () => {
    const { patch } = publishedSizes['1'];
    const options = { ...forecastPresets.demo.task.options, leadSteps: 1, patch, ...syntheticTask };
    // On a grid of 1 x 60: the parts follow from the steps alone.
    const choice = { ...syntheticChoice(presets['published-1'], 1), height: 2, width: 60 };
    const { dataset } = await (await openBoxed(choice)).read();
    const { train, validation, test: last } = makeTask(dataset, options);
    expect([train.length, validation.length, last.length]).toEqual([3, 1, 1]);
  });
});
