import { expect, test } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';

const days = 730;
const dataset: Dataset = {
  source: 'test',
  synthetic: true,
  channels: [{ name: 'x', longName: 'x', units: '1', variable: 'x' }],
  statics: [],
  latitude: Float64Array.of(60, 30, 0),
  longitude: Float64Array.of(0, 10, 20, 30),
  periodic: false,
  times: Float64Array.from({ length: days }, (_, day) => Date.UTC(2001, 0, 1 + day)),
  stepHours: 24,
  values: Float32Array.from({ length: days * 12 }, (_, i) => Math.sin(i)),
  hasMissing: false,
};
const options: TaskOptions = {
  inputSteps: 1,
  leadSteps: 1,
  patch: [2, 2],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'standard',
  harmonics: 0,
  positionInputs: true,
  seasonInputs: true,
};

test('position and season follow the state, normalised, on the padded grid', () => {
  const task = makeTask(dataset, options);
  expect([task.statics, task.height, task.width]).toEqual([4, 4, 4]);
  const input = new Float32Array(5 * 16);
  task.fillInput(91, input, 0); // 2 April: a quarter of a year
  const plane = (channel: number) => input.subarray(channel * 16, (channel + 1) * 16);
  const latitudes = plane(1);
  expect(latitudes[0]).toBeGreaterThan(latitudes[4]);
  expect(latitudes[4]).toBeGreaterThan(latitudes[8]);
  expect([...latitudes.subarray(12)]).toEqual([0, 0, 0, 0]);
  const longitudes = [...plane(2).subarray(0, 4)];
  const mean = longitudes.reduce((sum, value) => sum + value, 0);
  expect(Math.abs(mean)).toBeLessThan(1e-6);
  expect(longitudes[3]).toBeGreaterThan(longitudes[0]);
  const phase = (2 * Math.PI * ((dataset.times[91] / 86_400_000) % 365.25)) / 365.25;
  expect(plane(3)[5]).toBeCloseTo(Math.SQRT2 * Math.cos(phase), 5);
  expect(plane(4)[5]).toBeCloseTo(Math.SQRT2 * Math.sin(phase), 5);
  expect(new Set(plane(4)).size).toBe(1);
});

test('without them there are none', () => {
  expect(makeTask(dataset, { ...options, positionInputs: false, seasonInputs: false }).statics).toBe(0);
});
