/** Which samples a step trains on, and their arrays. A function of (seed, step) alone, so that a run can go on anywhere. */

import { philox } from '../graph/philox.ts';
import type { InputSpec } from '../models/model.ts';
import type { Batch, SampleWindows, TaskShard } from '../tasks/task.ts';

/** Stream of the shuffles, apart from those of the parameters and the dropout masks. */
const SHUFFLE_STREAM = 0x5eed;

/**
 * A permutation of 0 .. length - 1 for one pass over the data (Fisher and Yates).
 *
 * @param part of several that a pass has, from 1: 0 for one of all samples
 */
export function shuffled(length: number, seed: number, epoch: number, part = 0): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const [word] = philox(i, SHUFFLE_STREAM, epoch, part, seed, 0);
    const j = Math.floor((word / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * Draws samples without replacement, pass after pass. With windows, the runs of a pass come in random order, some at a time,
 * and the samples of those in random order.
 *
 * @returns the sample that is drawn as number `drawn` (from 0) of a run of a seed
 */
export function sampleOrder(
  samples: Int32Array,
  windows?: SampleWindows,
): (drawn: number, seed: number) => number {
  const orderOf = windows ? windowed(samples, windows) : shuffledAll(samples);
  // Of two passes: one is looked into while another ends.
  let cached: { readonly seed: number; readonly epoch: number; readonly order: Int32Array }[] = [];
  return (drawn, seed) => {
    const epoch = Math.floor(drawn / samples.length);
    let found = cached.find(one => one.seed === seed && one.epoch === epoch);
    if (!found) {
      found = { seed, epoch, order: orderOf(seed, epoch) };
      cached = [found, ...cached.slice(0, 1)];
    }
    return found.order[drawn % samples.length];
  };
}

/** The samples in the order of a pass. */
type PassOrder = (seed: number, epoch: number) => Int32Array;

const shuffledAll =
  (samples: Int32Array): PassOrder =>
  (seed, epoch) =>
    shuffled(samples.length, seed, epoch).map(i => samples[i]);

function windowed(samples: Int32Array, { starts, runs }: SampleWindows): PassOrder {
  const inRuns = Array.from(starts, (from, i) => {
    const to = starts[i + 1] ?? Number.POSITIVE_INFINITY;
    return samples.filter(sample => sample >= from && sample < to);
  }).filter(run => run.length > 0);
  return (seed, epoch) => {
    const order = new Int32Array(samples.length);
    const turn = shuffled(inRuns.length, seed, epoch);
    let at = 0;
    for (let first = 0; first < turn.length; first += runs) {
      const window = Array.from(turn.subarray(first, first + runs), i => [...inRuns[i]]).flat();
      for (const i of shuffled(window.length, seed, epoch, 1 + first)) order[at++] = window[i];
    }
    return order;
  };
}

/** Which samples of a step a rank trains on: `batch` of the step's `globalBatch`, from number `offset` on. */
export interface BatchShare {
  readonly batch: number;
  readonly globalBatch: number;
  readonly offset: number;
}

/**
 * Draws the rank's share of every step's batch without replacement, pass after pass; a batch may span two passes. All
 * ranks of an instance draw the same samples, and the replicas together those that a rank alone would train on.
 *
 * @param inputs as the rank has them: see `localInputs`
 */
export function batchesOf(
  shard: TaskShard,
  inputs: readonly InputSpec[],
  { batch, globalBatch, offset }: BatchShare,
): BatchSource {
  const draw = sampleOrder(shard.samples, shard.windows);
  const { reading } = shard;
  /** What the rank draws from a step on. */
  const drawnFrom = (step: number, seed: number, count: number) =>
    Int32Array.from({ length: count }, (_, i) =>
      draw((step - 1 + Math.floor(i / batch)) * globalBatch + offset + (i % batch), seed),
    );
  const perSample = inputs.filter(({ per }) => per === 'sample');
  return {
    samples: batch,
    allocate: () =>
      Object.fromEntries(
        perSample.map(({ name, shape, dtype }) => {
          const length = batch * shape.reduce((product, size) => product * size, 1);
          return [name, dtype === 'u32' ? new Uint32Array(length) : new Float32Array(length)];
        }),
      ),
    fill(arrays, index, step, seed) {
      if (index === 0) reading?.expect(drawnFrom(step, seed, reading.ahead));
      const drawn = (step - 1) * globalBatch + offset + index;
      return shard.fill(arrays, index, draw(drawn, seed), { seed, drawn });
    },
  };
}

export interface BatchSource {
  /** Samples of a batch. */
  readonly samples: number;
  /** Arrays for a batch. */
  allocate(): Batch;
  /** Fills sample `index` of the batch of a step, from 1: a function of (index, step, seed) alone. */
  fill(batch: Batch, index: number, step: number, seed: number): void | Promise<void>;
}
