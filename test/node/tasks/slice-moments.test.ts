import { describe, expect, it } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { type Dataset, stateAt } from '../../../src/data/dataset.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { readRank } from '../../../src/tasks/forecast/rank-reading.ts';
import { readScored, scoredTask } from '../../../src/tasks/forecast/scored-task.ts';
import {
  type GridFrame,
  gridFrame,
  mergeMoments,
  momentsOf,
  type PartMoments,
  readBoxOf,
  shardOfSlice,
} from '../../../src/tasks/forecast/slice-moments.ts';
import {
  type ForecastShard,
  frameOf,
  type ShardBox,
  sliceTask,
} from '../../../src/tasks/forecast/slice-task.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { failureOf, makeDataset } from '../data/fixtures.ts';
import { waveFile, waveStore } from '../data/wave-store.ts';
import { writeZarr } from '../data/write-zarr.ts';

const dataset = makeDataset({
  steps: 80,
  stepHours: 240,
  channels: ['a', 'b', 'c'],
  latitude: [-40, -20, 0, 20, 40],
  longitude: [0, 50, 100, 150, 200, 250, 300],
  statics: [Array.from({ length: 35 }, (_, p) => (p === 8 ? Number.NaN : Math.sin(p)))],
  // Step 20 is missing everywhere, so it is no target; 1e4 would cancel in a sum of squares of single precision.
  value: (t, c, y, x) =>
    t === 20 || (t + 3 * y + x + c) % 11 === 0
      ? Number.NaN
      : (c + 1) * Math.sin(t * 0.7 + y * 1.3 + x * 0.9) + 1e4 * c,
});
const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 2,
  patch: [2, 4],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'standard',
  harmonics: 1,
  positionInputs: true,
  seasonInputs: true,
};
/** A mesh of 2 x 2: 11 inputs and 3 outputs in two blocks each, 6 rows in two. */
const boxes: readonly ShardBox[] = [0, 3].flatMap(rowFrom => [
  { inputChannels: [0, 1, 2, 3, 4, 5], outputChannels: [0, 1], rowFrom, rowTo: rowFrom + 3 },
  { inputChannels: [6, 7, 8, 9, 10, -1], outputChannels: [2, -1], rowFrom, rowTo: rowFrom + 3 },
]);

/** The ranks' shards, each made from what it read and from what all told. */
function shardsOf(
  frame: GridFrame,
  ranks: readonly ShardBox[],
  read: (box: DataBox) => Dataset,
): ForecastShard[] {
  const measured = ranks.map(box => momentsOf(frame, box, read(readBoxOf(frame, box))));
  const parts: PartMoments[] = JSON.parse(JSON.stringify(measured.map(({ part }) => part)));
  const shared = mergeMoments(frame, parts);
  return ranks.map((box, rank) => shardOfSlice(frame, box, measured[rank], shared));
}

function expectEqual(shard: ForecastShard, expected: ForecastShard): void {
  const { values, statics, ...rest } = shard;
  const { values: values0, statics: statics0, ...rest0 } = expected;
  expect(rest).toEqual(rest0);
  expect(values.length).toBe(values0.length);
  expect(furthest(values, values0)).toBeLessThan(1e-5);
  expect(furthest(statics, statics0)).toBeLessThan(1e-5);
}

describe('shards of slices', () => {
  it.each(['standard', 'anomaly'] as const)(
    'are those of the whole, with %s normalisation',
    normalisation => {
      const task = makeTask(dataset, { ...options, normalisation });
      const { train, validation, test, masked, ...frame } = frameOf(task);
      // Ranks read what lies in a file; position is added later.
      const shards = shardsOf(frame, boxes, box => sliceDataset(dataset, box));
      shards.forEach((shard, rank) => {
        expectEqual(shard, sliceTask(task, boxes[rank]));
      });
      expect(train.includes(18)).toBe(false);
    },
  );

  it('say which channel is known nowhere in the training part', () => {
    const { train, validation, test, masked, ...frame } = frameOf(makeTask(dataset, options));
    const parts = boxes.map(box => {
      const slice = sliceDataset(dataset, readBoxOf(frame, box));
      const lost = box.outputChannels.includes(2)
        ? { ...slice, values: slice.values.fill(Number.NaN) }
        : slice;
      return momentsOf(frame, box, lost).part;
    });
    expect(failureOf(() => mergeMoments(frame, parts))).toBe(
      'DataError: c (c) is missing everywhere in the training part. Leave it out or check its fill value.',
    );
  });

  it('need the moments of every channel', () => {
    const { train, validation, test, masked, ...frame } = frameOf(makeTask(dataset, options));
    const one = momentsOf(frame, boxes[0], sliceDataset(dataset, readBoxOf(frame, boxes[0])));
    expect(failureOf(() => mergeMoments(frame, [one.part]))).toBe(
      'RangeError: No rank measured channels 2; the parts are not complete.',
    );
  });
});

/** A mesh of 2 x 2 on the waves: 4 channels, a static field and the season. */
const waveBoxes: readonly ShardBox[] = [0, 8].flatMap(rowFrom => [
  { inputChannels: [0, 1, 4, 5], outputChannels: [0, 1], rowFrom, rowTo: rowFrom + 8 },
  { inputChannels: [2, 3, 6, -1], outputChannels: [2, 3], rowFrom, rowTo: rowFrom + 8 },
]);

const sources: readonly (readonly [string, () => Promise<BoxedChoice>])[] = [
  [
    'a Zarr store',
    async () => {
      const files = [...(await writeZarr(waveStore()))].map(
        ([path, bytes]) => [path, new Blob([bytes])] as const,
      );
      return {
        kind: 'zarr',
        source: { kind: 'files', name: 'waves.zarr', files: new Map(files) },
        selection: {},
      };
    },
  ],
  [
    'a NetCDF file',
    async () => ({ kind: 'files', files: [{ name: 'waves.nc', blob: new Blob([waveFile()]) }] }),
  ],
];

describe.each(sources)('ranks that read %s', (_, choose) => {
  const plain: TaskOptions = { ...options, inputSteps: 1, positionInputs: false, harmonics: 0 };

  it.each(['standard', 'anomaly'] as const)(
    'have the shards of the whole, with %s normalisation',
    async normalisation => {
      const choice = await choose();
      const wanted = { ...plain, normalisation };
      const task = makeTask((await loadDataset(choice)).dataset, wanted);
      const readings = await Promise.all(
        waveBoxes.map(async box => readRank(await openBoxed(choice), wanted, box)),
      );
      const parts = readings.map(({ part }) => part);
      readings.forEach((reading, rank) => {
        const shard = shardOfSlice(reading.frame, reading.box, reading, mergeMoments(reading.frame, parts));
        expectEqual(shard, sliceTask(task, waveBoxes[rank]));
        expect(reading.bytesRead).toBeGreaterThan(0);
      });
    },
  );

  it('score by the task of the whole, of which rank 0 has only the later steps', async () => {
    const choice = await choose();
    const seasonal: TaskOptions = { ...plain, normalisation: 'anomaly', positionInputs: true };
    const whole = makeTask((await loadDataset(choice)).dataset, seasonal);
    const source = await openBoxed(choice);
    const readings = await Promise.all(waveBoxes.map(box => readRank(source, seasonal, box)));
    const shared = mergeMoments(
      gridFrame(source.fields, seasonal),
      readings.map(({ part }) => part),
    );
    const scored = await readScored(source, seasonal);
    expect(scored.bytesRead).toBeGreaterThan(0);
    const task = scoredTask(gridFrame(source.fields, seasonal), scored.dataset, shared, readings);
    const {
      fillInput,
      fillMask,
      denormalise,
      denormaliseAt,
      climatologyAt,
      dataset,
      normalisation,
      ...rest
    } = task;
    for (const [key, value] of Object.entries(rest)) expect(value).toEqual(whole[key as keyof typeof rest]);
    expect(dataset).toEqual({ ...whole.dataset, values: dataset.values, firstStep: 36 });

    const state = task.channels * task.height * task.width;
    const size = state + task.statics * task.height * task.width;
    for (const time of [whole.validation[0], whole.test.at(-1)!]) {
      expect(stateAt(dataset, time)).toEqual(stateAt(whole.dataset, time));
      const [own, expected] = [task, whole].map(({ fillInput }) => {
        const out = new Float32Array(size);
        fillInput(time, out, 0);
        return out;
      });
      expect(furthest(own, expected)).toBeLessThan(1e-5);
      const forecast = own.subarray(0, state);
      expect(furthest(denormalise(forecast, time), whole.denormalise(forecast, time))).toBeLessThan(1e-2);
      expect(furthest(climatologyAt(time), whole.climatologyAt(time))).toBe(0);
    }
  });
});

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
