import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { makeTask } from '../../../src/data/make-task.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import {
  type GridFrame,
  mergeMoments,
  momentsOf,
  type PartMoments,
  readBoxOf,
  shardOfSlice,
} from '../../../src/data/slice-moments.ts';
import { frameOf, type ShardBox, sliceTask, type TaskShard } from '../../../src/data/slice-task.ts';
import type { TaskOptions } from '../../../src/data/task.ts';
import { readRank } from '../../../src/data/zarr-shard.ts';
import type { ZarrChoice } from '../../../src/data/zarr-source.ts';
import { failureOf, makeDataset } from './fixtures.ts';
import { writeZarr } from './write-zarr.ts';
import { weatherStore } from './zarr-fixture.ts';

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
): TaskShard[] {
  const measured = ranks.map(box => momentsOf(frame, box, read(readBoxOf(frame, box))));
  const parts: PartMoments[] = JSON.parse(JSON.stringify(measured.map(({ part }) => part)));
  const shared = mergeMoments(frame, parts);
  return ranks.map((box, rank) => shardOfSlice(frame, box, measured[rank], shared));
}

function expectEqual(shard: TaskShard, expected: TaskShard): void {
  const { values, statics, ...rest } = shard;
  const { values: values0, statics: statics0, ...rest0 } = expected;
  expect(rest).toEqual(rest0);
  const furthest = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
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

  it('are those of the whole where ranks read a Zarr store', async () => {
    const plain: TaskOptions = {
      ...options,
      inputSteps: 1,
      leadSteps: 1,
      positionInputs: false,
      harmonics: 0,
    };
    const files = await blobs();
    const choice: ZarrChoice = {
      kind: 'zarr',
      source: { kind: 'files', name: 'weather.zarr', files },
      selection: {},
    };
    const task = makeTask(await loadDataset(choice), plain);
    // 4 channels, a static field and the season.
    const ranks = [0, 3].flatMap(rowFrom => [
      { inputChannels: [0, 1, 2, 3], outputChannels: [0, 1], rowFrom, rowTo: rowFrom + 3 },
      { inputChannels: [4, 5, 6, -1], outputChannels: [2, 3], rowFrom, rowTo: rowFrom + 3 },
    ]);
    const readings = await Promise.all(ranks.map(box => readRank(choice, plain, box)));
    const parts = readings.map(({ part }) => part);
    readings.forEach((reading, rank) => {
      const shard = shardOfSlice(reading.frame, ranks[rank], reading, mergeMoments(reading.frame, parts));
      expectEqual(shard, sliceTask(task, ranks[rank]));
      expect(reading.bytesRead).toBeGreaterThan(0);
    });
  });

  it('need the moments of every channel', () => {
    const { train, validation, test, masked, ...frame } = frameOf(makeTask(dataset, options));
    const one = momentsOf(frame, boxes[0], sliceDataset(dataset, readBoxOf(frame, boxes[0])));
    expect(failureOf(() => mergeMoments(frame, [one.part]))).toBe(
      'RangeError: No rank measured channels 2; the parts are not complete.',
    );
  });
});

async function blobs(): Promise<Map<string, Blob>> {
  const files = await writeZarr(weatherStore(2));
  return new Map([...files].map(([path, bytes]) => [path, new Blob([bytes])]));
}
