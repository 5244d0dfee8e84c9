/** All forecasts of one start are the maps of each lead, to the last bit, out of one roll-out. */
import { expect, test } from 'vitest';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { mapView } from '../../../src/tasks/forecast/map-view.ts';
import { rolloutView } from '../../../src/tasks/forecast/rollout-view.ts';
import type { ForecastTask, TaskOptions } from '../../../src/tasks/forecast/task.ts';
import type { Predictor } from '../../../src/tasks/predictor.ts';
import { makeDataset } from '../data/fixtures.ts';

const options: TaskOptions = {
  inputSteps: 1,
  leadSteps: 2,
  patch: [2, 2],
  split: { kind: 'fraction', train: 0.4, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 1,
};
const value = (t: number, c: number, y: number, x: number) =>
  Math.sin(0.3 * t + x) * (c + 1) + 3 * y + ((7 * t + 3 * x + 5 * c) % 4);
const taskOf = (more: Partial<TaskOptions> = {}) =>
  makeTask(
    makeDataset({
      steps: 120,
      stepHours: 6,
      channels: ['a', 'b'],
      latitude: [30, 40, 50, 60],
      longitude: [0, 10, 20, 30],
      value,
    }),
    { ...options, ...more },
  );

/** Adds a tenth of itself and a little to every state, on the host. */
function model({ channels, height, width, statics, options: { inputSteps } }: ForecastTask) {
  let predictions = 0;
  const predictor: Predictor = {
    forecastBatch: 1,
    async predict(input) {
      predictions++;
      const state = channels * height * width;
      expect(input.length).toBe(inputSteps * state + statics * height * width);
      return input
        .slice((inputSteps - 1) * state, inputSteps * state)
        .map((x, i) => 1.1 * x + 0.01 * (i % 7));
    },
    rollOut: () => undefined,
  };
  return { predictor, predictions: () => predictions };
}

test('ten leads of both channels, each field that of the map, from ten predictions', async () => {
  const task = taskOf();
  const { predictor, predictions } = model(task);
  const sample = 3;
  const view = await rolloutView(predictor, task, { sample, channel: 0 });
  expect(predictions()).toBe(10);
  expect(view.channels).toEqual([0, 1]);
  expect(view.leadHours).toEqual([12, 24, 36, 48, 60, 72, 84, 96, 108, 120]);
  const points = 16;
  for (const channel of [0, 1]) {
    for (const lead of [0, 4, 9]) {
      const map = await mapView(predictor, task, { sample, channel, steps: lead + 1 });
      const at = (lead * 2 + channel) * points;
      expect(map.leadHours).toBe(view.leadHours[lead]);
      expect(map.validTime).toBe(view.startTime + map.leadHours * 3_600_000);
      expect(view.forecast.slice(at, at + points)).toEqual(map.forecast);
      expect(view.truth.slice(at, at + points)).toEqual(map.truth);
      expect(view.start.slice(channel * points, (channel + 1) * points)).toEqual(map.persistence);
      const rmse = (field: Float32Array) => {
        let [squares, weights] = [0, 0];
        field.forEach((x, p) => {
          const north = task.dataset.latitude[Math.floor(p / 4)];
          const edge = (degrees: number) => Math.sin((degrees * Math.PI) / 180);
          // By the area of cells of 10 degrees.
          const area = edge(north + 5) - edge(north - 5);
          squares += area * (x - map.truth[p]) ** 2;
          weights += area;
        });
        return Math.sqrt(squares / weights);
      };
      for (const name of ['forecast', 'persistence', 'climatology'] as const) {
        expect(view.errors[name][lead * 2 + channel], name).toBeCloseTo(rmse(map[name]), 4);
      }
    }
  }
});

test('leads end with the record, at one where the model cannot be fed its forecasts; numbers beyond are taken to the end', async () => {
  const task = taskOf();
  const late = await rolloutView(model(task).predictor, task, { sample: 1e6, channel: 9 });
  // The last test start has its target in the last step.
  expect(late.leadHours).toEqual([12]);
  const two = taskOf({ inputSteps: 2 });
  const { leadHours } = await rolloutView(model(two).predictor, two, { sample: 0, channel: 0 });
  expect(leadHours).toEqual([12]);
});

test('where all channels would be too much there is the chosen one, at as many leads as fit', async () => {
  const task = taskOf();
  const { predictor } = model(task);
  // A channel at a lead takes 16 points of 8 bytes.
  const view = await rolloutView(predictor, task, { sample: 0, channel: 1 }, 20 * 128 - 1);
  expect(view.channels).toEqual([1]);
  expect(view.leadHours).toHaveLength(10);
  const map = await mapView(predictor, task, { sample: 0, channel: 1, steps: 10 });
  expect(view.forecast.subarray(9 * 16)).toEqual(map.forecast);
  expect(view.start).toEqual(map.persistence);
  const few = await rolloutView(predictor, task, { sample: 0, channel: 0 }, 4 * 128);
  expect(few.leadHours).toHaveLength(4);
  const least = await rolloutView(predictor, task, { sample: 0, channel: 0 }, 1);
  expect(least.leadHours).toEqual([12]);
});
