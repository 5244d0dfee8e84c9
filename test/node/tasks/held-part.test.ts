/** What a rank keeps of the data that it has read, and when it reads again. */
import { beforeEach, expect, test } from 'vitest';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { createHeldReading, type HeldReading } from '../../../src/tasks/forecast/held-part.ts';
import { inMemory, type RankReading, readRank } from '../../../src/tasks/forecast/rank-reading.ts';
import {
  mergeMoments,
  type SharedStatistics,
  shardOfSlice,
} from '../../../src/tasks/forecast/slice-moments.ts';
import type { ShardBox } from '../../../src/tasks/forecast/slice-task.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { waveFile } from '../data/wave-store.ts';

const options: TaskOptions = {
  inputSteps: 1,
  leadSteps: 1,
  patch: [2, 2],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'standard',
  harmonics: 0,
};
/** Four fields and a static one. */
const box: ShardBox = {
  inputChannels: [0, 1, 2, 3, 4],
  outputChannels: [0, 1, 2, 3],
  rowFrom: 0,
  rowTo: 16,
};
const south: ShardBox = { ...box, rowTo: 8 };

const source = await openBoxed({
  kind: 'files',
  files: [{ name: 'waves.nc', blob: new Blob([waveFile()]) }],
});
const statisticsOf = ({ frame, part }: RankReading): SharedStatistics => mergeMoments(frame, [part]);

let part: HeldReading;
/** Every part that was read, in order. */
let readings: RankReading[];
const measure = (data: number, wanted: ShardBox) =>
  part.measure({ data, box: wanted, memory: 2 ** 30 }, async () => {
    const reading = await readRank(source, options, wanted);
    readings.push(reading);
    return inMemory(reading);
  });

beforeEach(() => {
  part = createHeldReading();
  readings = [];
});

test('a part is read once, and its shard made once', async () => {
  const measured = await measure(1, box);
  const shared = statisticsOf(readings[0]);
  const shard = await part.shardOf(shared);
  expect(shard).toEqual(shardOfSlice(readings[0].frame, box, readings[0], shared));
  expect(await measure(1, { ...box })).toBe(measured);
  expect(await part.shardOf(structuredClone(shared))).toBe(shard);
  expect(readings).toHaveLength(1);
});

test('another part, or the same of other data, is read', async () => {
  await measure(1, box);
  await part.shardOf(statisticsOf(readings[0]));
  const other = await measure(1, south);
  expect(other.part).toEqual(readings[1].part);
  expect(await part.shardOf(statisticsOf(readings[1]))).toMatchObject({ box: south });
  await measure(2, south);
  await measure(2, box);
  expect(readings).toHaveLength(4);
});

test('with other statistics the shard is made anew, of what is read again', async () => {
  await measure(1, box);
  const shared = statisticsOf(readings[0]);
  await part.shardOf(shared);
  const doubled = { ...shared, std: shared.std.map(value => 2 * value) };
  const shard = await part.shardOf(doubled);
  expect(shard).toEqual(shardOfSlice(readings[0].frame, box, readings[0], doubled));
  expect(readings).toHaveLength(2);
});

test('what rank 0 has read is kept, with the statistics that it was given with', async () => {
  await measure(1, box);
  const measured = { ...(await measure(1, box)), unreadable: 'no file' };
  const shared = statisticsOf(readings[0]);
  const shard = shardOfSlice(readings[0].frame, box, readings[0], shared);
  part = createHeldReading();
  part.keep({ order: { data: 1, box, memory: 2 ** 30 }, measured, shared, shard });
  expect(await measure(1, { ...box })).toBe(measured);
  expect(await part.shardOf(structuredClone(shared))).toBe(shard);
  const doubled = { ...shared, std: shared.std.map(value => 2 * value) };
  await expect(part.shardOf(doubled)).rejects.toThrow('the data have changed since rank 0 read its part');
  await measure(1, box);
  expect(readings).toHaveLength(2);
});

test('without a part there is no shard', async () => {
  await measure(1, box);
  const shared = statisticsOf(readings[0]);
  part.forget();
  await expect(part.shardOf(shared)).rejects.toThrow('it has not read its part of the data');
});
