import { expect, it } from 'vitest';
import {
  proxiedPath,
  weatherBench2Channels,
  weatherBench2Statics,
  weatherBench2Stores,
  weatherBench2Weights,
} from '../../../src/data/choice/weatherbench2.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { forecastPresets, presets } from '../../../src/session/api/presets.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { sliceTask } from '../../../src/tasks/forecast/slice-task.ts';
import { era5Store } from './era5-store.ts';
import { makeDataset } from './fixtures.ts';
import { writeZarr } from './write-zarr.ts';

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
  const task = makeTask(dataset, {
    inputSteps: 1,
    leadSteps: 1,
    patch: [1, 1],
    split: { kind: 'fraction', train: 0.6, validation: 0.2 },
    normalisation: 'standard',
    harmonics: 0,
    variableWeights: weatherBench2Weights,
  });
  const outputChannels = weatherBench2Channels.map((_, c) => c);
  const { lossWeight } = sliceTask(task, { inputChannels: [], outputChannels, rowFrom: 0, rowTo: 2 });
  const weight = (name: string) => lossWeight[weatherBench2Channels.findIndex(c => c.name === name) * 6];
  // Before the square: (4 x 3) to (3 x 1) and (0.9 x 0.3).
  expect(weight('t2m') / weight('z1000')).toBeCloseTo(4, 5);
  expect(weight('z1000') / weight('v50')).toBeCloseTo(3 / 0.27, 4);
});

it('takes from a store laid out as theirs what the preset asks for, and nothing else', async () => {
  const files = [...(await writeZarr(era5Store()))].map(
    ([path, bytes]) => [path, new Blob([bytes])] as const,
  );
  const { selection } = presets.era5.store!;
  const place = { kind: 'files', name: 'era5.zarr', files: new Map(files) } as const;
  const { dataset } = await loadDataset({ kind: 'zarr', source: place, selection });
  expect(dataset.channels).toEqual(weatherBench2Channels);
  expect(dataset.statics.map(({ channel }) => channel)).toEqual(weatherBench2Statics);
  const dates = Array.from(dataset.times, time => new Date(time).toISOString().slice(0, 10));
  expect([dates[0], dates.at(-1)]).toEqual(['2016-01-11', '2018-12-26']);
  const { train, validation, test, statics } = makeTask(dataset, forecastPresets.era5.task.options);
  expect([train.length, validation.length, test.length, statics]).toEqual([24, 5, 5, 3]);
});

it('knows the way through our own server', () => {
  expect(proxiedPath(weatherBench2Stores['64x32'])).toMatch(
    /^\/weatherbench2\/datasets\/era5\/.*64x32.*\.zarr$/,
  );
  expect(proxiedPath('https://example.org/weather.zarr')).toBeUndefined();
});
