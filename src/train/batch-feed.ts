/**
 * The batches of a run, one after the other: while the device takes a step, the batch of the next one is made, sample
 * by sample, so that neither a message nor the end of the step waits for longer than for one of them.
 */
import type { BatchSource } from './batches.ts';
import type { Batch } from './model-trainer.ts';

export interface BatchFeed {
  /** The batch of a step, from 1, made now as far as it was not made ahead. Its arrays are used again two batches later. */
  take(step: number, seed: number): Batch;
  /** Makes a batch in tasks of their own from now on, until it is whole, taken, or another one is asked for. */
  makeAhead(step: number, seed: number): void;
  /** Milliseconds that `take` took so far: a step could not start because its batch, or a part of it, was not there. */
  readonly waitedMs: number;
}

interface Making {
  readonly step: number;
  readonly seed: number;
  readonly batch: Batch;
  /** Samples that are there. */
  filled: number;
}

export function batchFeed(source: BatchSource): BatchFeed {
  // In turn: while the device is given one, the next one is filled.
  const arrays = [source.allocate(), source.allocate()];
  let turn = 0;
  let ahead: Making | undefined;
  let waitedMs = 0;

  const begin = (step: number, seed: number): Making => {
    turn = 1 - turn;
    return { step, seed, batch: arrays[turn], filled: 0 };
  };
  const fillOne = (making: Making) => {
    source.fill(making.batch, making.filled, making.step, making.seed);
    making.filled++;
  };

  return {
    take(step, seed) {
      const begun = performance.now();
      const made = ahead?.step === step && ahead.seed === seed ? ahead : begin(step, seed);
      ahead = undefined;
      while (made.filled < source.samples) fillOne(made);
      waitedMs += performance.now() - begun;
      return made.batch;
    },
    makeAhead(step, seed) {
      const making = begin(step, seed);
      ahead = making;
      inTasks(() => {
        const wanted = ahead === making && making.filled < source.samples;
        if (wanted) fillOne(making);
        return wanted;
      });
    },
    get waitedMs() {
      return waitedMs;
    },
  };
}

/** Calls `work` in one task after the other, behind the events that wait already, as long as it returns true. */
function inTasks(work: () => boolean): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    if (work()) port2.postMessage(null);
    else port1.close();
  };
  port2.postMessage(null);
}
