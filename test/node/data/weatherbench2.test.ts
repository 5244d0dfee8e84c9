import { expect, it } from 'vitest';
import { makeTask } from '../../../src/data/make-task.ts';
import {
  proxiedPath,
  weatherBench2Channels,
  weatherBench2Statics,
  weatherBench2Stores,
  weatherBench2Weights,
} from '../../../src/data/weatherbench2.ts';
import { makeDataset } from './fixtures.ts';

it('has the channels of the paper in their order', () => {
  const names = weatherBench2Channels.map(({ name }) => name);
  expect(names).toHaveLength(69);
  expect(new Set(names).size).toBe(69);
  expect(names.slice(0, 6)).toEqual(['msl', 'u10', 'v10', 't2m', 'z1000', 'z925']);
  // Its two ranks of 36 channels part after six levels of temperature: the second has t400 first.
  expect(names.slice(34, 38)).toEqual(['t600', 't500', 't400', 't300']);
  expect(names.at(-1)).toBe('v50');
  expect(weatherBench2Statics).toHaveLength(3);
});

it('weighs errors as the paper does', () => {
  const dataset = {
    ...makeDataset({ steps: 20, latitude: [-45, 45], value: t => t }),
    channels: weatherBench2Channels,
    values: Float32Array.from({ length: 20 * 69 * 6 }, (_, i) => Math.sin(i)),
  };
  const { lossWeight } = makeTask(dataset, {
    inputSteps: 1,
    leadSteps: 1,
    patch: [1, 1],
    split: { kind: 'fraction', train: 0.6, validation: 0.2 },
    normalisation: 'standard',
    harmonics: 0,
    variableWeights: weatherBench2Weights,
  });
  const weight = (name: string) => lossWeight[weatherBench2Channels.findIndex(c => c.name === name) * 6];
  // Before the square: (4 x 3) to (3 x 1) and (0.9 x 0.3).
  expect(weight('t2m') / weight('z1000')).toBeCloseTo(4, 5);
  expect(weight('z1000') / weight('v50')).toBeCloseTo(3 / 0.27, 4);
});

it('knows the way through our own server', () => {
  expect(proxiedPath(weatherBench2Stores['64x32'])).toMatch(
    /^\/weatherbench2\/datasets\/era5\/.*64x32.*\.zarr$/,
  );
  expect(proxiedPath('https://example.org/weather.zarr')).toBeUndefined();
});
