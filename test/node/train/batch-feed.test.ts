/** Batches made ahead: those of the source whatever comes between, and the time that a step waits for them. */
import { afterEach, expect, test, vi } from 'vitest';
import { type BatchFeed, batchFeed } from '../../../src/train/batch-feed.ts';
import type { BatchSource } from '../../../src/train/batches.ts';

/** Milliseconds that a sample takes. */
const SAMPLE_MS = 10;
const SAMPLES = 4;

let clock = 0;
let fills = 0;
/** Called when so many samples are there. */
let awaited = { fills: 0, resolve: () => {} };

/** A batch of four samples, each of which tells step, seed and its place. */
const source: BatchSource = {
  samples: SAMPLES,
  allocate: () => ({ input: new Float32Array(3 * SAMPLES), target: new Float32Array(SAMPLES) }),
  fill({ input, target }, index, step, seed) {
    clock += SAMPLE_MS;
    fills++;
    if (fills === awaited.fills) awaited.resolve();
    input.set([step, seed, index], 3 * index);
    target[index] = step + index;
  },
};

const expected = (step: number, seed: number) => {
  const batch = source.allocate();
  for (let i = 0; i < SAMPLES; i++) source.fill(batch, i, step, seed);
  return batch;
};

function freshFeed(): BatchFeed {
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  fills = 0;
  return batchFeed(source);
}

function untilFilled(count: number): Promise<void> {
  return new Promise(resolve => {
    awaited = { fills: count, resolve };
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('a batch that was made ahead costs a step nothing; one that was not costs all its samples', async () => {
  const feed = freshFeed();
  expect(feed.take(1, 7)).toEqual(expected(1, 7));
  expect(feed.waitedMs).toBe(SAMPLES * SAMPLE_MS);
  fills = 0;
  feed.makeAhead(2, 7);
  expect(fills, 'nothing is made before the step has begun').toBe(0);
  await untilFilled(SAMPLES);
  expect(feed.take(2, 7)).toEqual(expected(2, 7));
  expect(feed.waitedMs).toBe(SAMPLES * SAMPLE_MS);
});

test('where the step ends before the batch is whole, the next one waits for what is left of it', async () => {
  const feed = freshFeed();
  feed.makeAhead(1, 7);
  await untilFilled(3);
  expect(feed.take(1, 7)).toEqual(expected(1, 7));
  expect(feed.waitedMs).toBe((SAMPLES - 3) * SAMPLE_MS);
});

test('the batch of a step in flight stays as it is while the next one is made', async () => {
  const feed = freshFeed();
  const first = feed.take(1, 7);
  feed.makeAhead(2, 7);
  await untilFilled(2 * SAMPLES);
  expect(first).toEqual(expected(1, 7));
});

test('what is asked for counts, not what was made ahead: another seed, or another step', async () => {
  const feed = freshFeed();
  feed.makeAhead(3, 7);
  await untilFilled(2);
  expect(feed.take(3, 8)).toEqual(expected(3, 8));
  feed.makeAhead(4, 8);
  expect(feed.take(1, 8)).toEqual(expected(1, 8));
  feed.makeAhead(2, 8);
  feed.makeAhead(5, 9);
  await untilFilled(fills + SAMPLES);
  expect(feed.take(5, 9)).toEqual(expected(5, 9));
  feed.makeAhead(6, 9);
  feed.makeAhead(7, 9);
  fills = 0;
  await untilFilled(SAMPLES);
  feed.take(7, 9);
  expect(fills, 'what nobody wants any more is not made').toBe(SAMPLES);
});
