/**
 * The training loop, the same on every rank: batch after batch, the next one made while the device takes a step. What
 * lies between two steps is the caller's.
 */

import type { Batch } from '../tasks/task.ts';
import type { BatchFeed } from './batch-feed.ts';
import { learningRateAt, type PlateauState, type ScheduleOptions } from './schedule.ts';

/** What takes steps: a rank's trainer, or the first rank's on behalf of all. */
interface Stepper {
  /** Steps done. */
  readonly step: number;
  /** @param hold something else than another step comes after this one */
  trainStep(batch: Batch, learningRate: number, seed: number, hold: boolean): Promise<void>;
}

export interface LoopOptions {
  readonly batches: BatchFeed;
  readonly schedule: ScheduleOptions;
  readonly steps: number;
  /** Of the shuffles and the dropout masks. */
  readonly seed: number;
  /** The state of a plateau schedule, whenever a step begins. */
  readonly plateau: () => PlateauState;
}

export interface BetweenSteps {
  /** Asked before a step, from 1: whether it is held after it, for something else; undefined to end the loop instead. */
  before(step: number): boolean | undefined;
  /** A step is submitted. */
  after(step: number): Promise<void> | void;
}

/** Trains from where `trainer` is to the last step, or until `before` ends the loop. */
export async function trainSteps(
  trainer: Stepper,
  { batches, schedule, steps, seed, plateau }: LoopOptions,
  { before, after }: BetweenSteps,
): Promise<void> {
  while (trainer.step < steps) {
    const step = trainer.step + 1;
    const hold = before(step);
    if (hold === undefined) return;
    const batch = await batches.take(step, seed);
    const stepping = trainer.trainStep(batch, learningRateAt(schedule, step, steps, plateau()), seed, hold);
    if (step < steps) batches.makeAhead(step + 1, seed);
    await stepping;
    await after(step);
  }
}
