/** Which samples a step trains on, and their arrays. A function of (seed, step) alone, so that a run can go on anywhere. */

import { philox } from '../graph/philox.ts';
import type { Batch } from './model-trainer.ts';

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

export interface BatchSource {
  /** Samples of a batch. */
  readonly samples: number;
  /** Arrays for a batch. */
  allocate(): Batch;
  /** Fills sample `index` of the batch of a step, from 1: a function of (index, step, seed) alone. */
  fill(batch: Batch, index: number, step: number, seed: number): void;
}
