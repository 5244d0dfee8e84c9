/** Which samples a step trains on, and their arrays. A function of (seed, step) alone, so that a run can go on anywhere. */

import { philox } from '../graph/philox.ts';
import type { InputSpec } from '../models/model.ts';
import type { Batch, TaskShard } from '../tasks/task.ts';

/** Stream of the shuffles, apart from those of the parameters and the dropout masks. */
const SHUFFLE_STREAM = 0x5eed;

/** A permutation of 0 .. length - 1 for one pass over the data (Fisher and Yates). */
export function shuffled(length: number, seed: number, epoch: number): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const [word] = philox(i, SHUFFLE_STREAM, epoch, 0, seed, 0);
    const j = Math.floor((word / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * Draws samples without replacement, pass after pass.
 *
 * @returns the sample that is drawn as number `drawn` (from 0) of a run of a seed
 */
export function sampleOrder(samples: Int32Array): (drawn: number, seed: number) => number {
  let cached = { seed: Number.NaN, epoch: Number.NaN, order: new Int32Array() };
  return (drawn, seed) => {
    const epoch = Math.floor(drawn / samples.length);
    if (cached.seed !== seed || cached.epoch !== epoch) {
      cached = { seed, epoch, order: shuffled(samples.length, seed, epoch) };
    }
    return samples[cached.order[drawn % samples.length]];
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
  const draw = sampleOrder(shard.samples);
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
