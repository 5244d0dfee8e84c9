/**
 * The batches of a run, one after the other: while the device takes a step, the batch of the next one is made, sample
 * by sample, so that neither a message nor the end of the step waits for longer than for one of them.
 */

import type { Batch } from '../tasks/task.ts';
import type { BatchSource } from './batches.ts';

export interface BatchFeed {
  /** The batch of a step, from 1, once it is whole. Its arrays are used again two batches later. */
  take(step: number, seed: number): Promise<Batch>;
  /** Makes a batch from now on, until it is whole or another one is asked for. */
  makeAhead(step: number, seed: number): void;
  /** Milliseconds that all calls of `take` took so far. */
  readonly takenMs: number;
  /** The part of them in which the device had nothing to do: a step could not start because its batch was not there. */
  readonly waitedMs: number;
  /** When the newest batch was asked for, and when it was there, by `performance.now`. */
  readonly lastTaken: { readonly asked: number; readonly taken: number };
}

interface Making {
  readonly step: number;
  readonly seed: number;
  readonly batch: Batch;
  readonly whole: Promise<void>;
}

/** @param idleSince since when the device has no step to work on, by `performance.now`; undefined while it has one */
export function batchFeed(source: BatchSource, idleSince: () => number | undefined): BatchFeed {
  // In turn: while the device is given one, the next one is filled.
  const arrays = [source.allocate(), source.allocate()];
  /** Settled once nobody writes to the arrays any more: what was begun is not cut off where its batch is given up. */
  const written: Promise<unknown>[] = arrays.map(() => Promise.resolve());
  let turn = 0;
  let latest: Making | undefined;
  let takenMs = 0;
  let waitedMs = 0;
  let lastTaken = { asked: 0, taken: 0 };

  const make = (step: number, seed: number): Making => {
    turn = 1 - turn;
    const batch = arrays[turn];
    let filled = 0;
    /** Of samples that are read rather than at hand: all are asked for before the first is waited for. */
    const read: Promise<void>[] = [];
    const filling = written[turn].then(() =>
      inTasks(() => {
        if (latest !== making) return false;
        const reading = source.fill(batch, filled, step, seed);
        if (reading) {
          // Awaited when all are asked for; one that fails before must not count as unhandled.
          reading.catch(() => undefined);
          read.push(reading);
        }
        filled++;
        return filled < source.samples;
      }),
    );
    const whole = filling.then(async () => {
      await Promise.all(read);
    });
    written[turn] = filling.then(() => Promise.allSettled(read));
    // Whoever takes the batch gets what went wrong; of one that nobody takes, nobody need know.
    whole.catch(() => undefined);
    const making = { step, seed, batch, whole };
    latest = making;
    return making;
  };

  return {
    async take(step, seed) {
      const asked = performance.now();
      const making = latest?.step === step && latest.seed === seed ? latest : make(step, seed);
      await making.whole;
      const now = performance.now();
      takenMs += now - asked;
      lastTaken = { asked, taken: now };
      waitedMs += now - Math.max(asked, idleSince() ?? now);
      return making.batch;
    },
    makeAhead(step, seed) {
      make(step, seed);
    },
    get takenMs() {
      return takenMs;
    },
    get waitedMs() {
      return waitedMs;
    },
    get lastTaken() {
      return lastTaken;
    },
  };
}

/** Calls `work` in one task after the other, behind the events that wait already, until it returns false. */
function inTasks(work: () => boolean): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise(resolve => {
    port1.onmessage = () => {
      if (work()) {
        port2.postMessage(null);
      } else {
        port1.close();
        resolve();
      }
    };
    port2.postMessage(null);
  });
}
