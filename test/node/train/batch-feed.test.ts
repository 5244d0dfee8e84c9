/** Batches made ahead: those of the source whatever comes between, and the time that a step waits for them. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BatchFeed, batchFeed } from '../../../src/train/batch-feed.ts';
import type { BatchSource } from '../../../src/train/batches.ts';

/** Milliseconds that a sample takes. */
const SAMPLE_MS = 10;
const SAMPLES = 4;
const BATCH_MS = SAMPLES * SAMPLE_MS;

let clock = 0;
let fills = 0;
/** Called when so many samples were made. */
let awaited = { fills: 0, resolve: () => {} };
/** Since when the device has nothing to do. */
let idleSince: number | undefined;
let feed: BatchFeed;

/** A batch of four samples, each of which tells step, seed and its place. */
const source: BatchSource = {
  samples: SAMPLES,
  allocate: () => ({ input: new Float32Array(3 * SAMPLES), target: new Float32Array(SAMPLES) }),
  fill({ input, target }, index, step, seed) {
    clock += SAMPLE_MS;
    fills++;
    input.set([step, seed, index], 3 * index);
    target[index] = step + index;
    if (fills === awaited.fills) awaited.resolve();
  },
};

const expected = (step: number, seed: number) => ({
  input: Float32Array.from(Array.from({ length: SAMPLES }, (_, i) => [step, seed, i]).flat()),
  target: Float32Array.from({ length: SAMPLES }, (_, i) => step + i),
});

/** Resolves when so many samples more were made. */
function made(count: number): Promise<void> {
  return new Promise(resolve => {
    awaited = { fills: fills + count, resolve };
  });
}

beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  idleSince = Number.NEGATIVE_INFINITY;
  feed = batchFeed(source, () => idleSince);
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('a batch that was made ahead costs a step nothing; one that was not costs all its samples', async () => {
  expect(await feed.take(1, 7)).toEqual(expected(1, 7));
  expect([feed.takenMs, feed.waitedMs]).toEqual([BATCH_MS, BATCH_MS]);
  const before = fills;
  feed.makeAhead(2, 7);
  expect(fills, 'nothing is made before the step has begun').toBe(before);
  await made(SAMPLES);
  expect(await feed.take(2, 7)).toEqual(expected(2, 7));
  expect([feed.takenMs, feed.waitedMs]).toEqual([BATCH_MS, BATCH_MS]);
});

test('a step waits for what is left of its batch, and only while the device has nothing to do', async () => {
  feed.makeAhead(1, 7);
  await made(3);
  await feed.take(1, 7);
  expect([feed.takenMs, feed.waitedMs]).toEqual([SAMPLE_MS, SAMPLE_MS]);
  // The step before ends when three of the four samples are there.
  idleSince = undefined;
  const taken = feed.take(2, 7);
  await made(3);
  idleSince = clock;
  expect(await taken).toEqual(expected(2, 7));
  expect([feed.takenMs, feed.waitedMs]).toEqual([SAMPLE_MS + BATCH_MS, 2 * SAMPLE_MS]);
  // It goes on to the end.
  idleSince = undefined;
  await feed.take(3, 7);
  expect([feed.takenMs, feed.waitedMs]).toEqual([SAMPLE_MS + 2 * BATCH_MS, 2 * SAMPLE_MS]);
});

test('the batch of a step in flight stays as it is while the next one is made', async () => {
  const first = await feed.take(1, 7);
  feed.makeAhead(2, 7);
  await made(SAMPLES);
  expect(first).toEqual(expected(1, 7));
});

test('what is asked for counts, not what was made ahead: another seed, or another step', async () => {
  feed.makeAhead(3, 7);
  await made(2);
  expect(await feed.take(3, 8)).toEqual(expected(3, 8));
  feed.makeAhead(4, 8);
  expect(await feed.take(1, 8)).toEqual(expected(1, 8));
  const before = fills;
  feed.makeAhead(5, 8);
  feed.makeAhead(6, 9);
  expect(await feed.take(6, 9)).toEqual(expected(6, 9));
  expect(fills - before, 'what nobody wants any more is not made').toBe(SAMPLES);
  // A run that goes back to the step before.
  expect(await feed.take(6, 9)).toEqual(expected(6, 9));
});
