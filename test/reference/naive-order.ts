/**
 * The two orders of a step, written as what they are: at every turn all that could be run is looked at, and all that
 * is left is gone through to see what it would hold.
 */
import type { Job } from '../../src/plan/job.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { dependencies } from '../../src/plan/schedule.ts';

class Held {
  /** Bytes held now, and the most that were held while a job ran. */
  held = 0;
  most = 0;
  readonly #jobs: readonly Job[];
  readonly #readersLeft: Float64Array;

  constructor(jobs: readonly Job[], before?: Held) {
    this.#jobs = jobs;
    if (before) {
      this.held = before.held;
      this.#readersLeft = before.#readersLeft.slice();
      return;
    }
    this.#readersLeft = Float64Array.from(jobs, ({ kept }) => (kept ? Number.POSITIVE_INFINITY : 0));
    for (const { reads } of jobs) for (const other of reads) this.#readersLeft[other]++;
  }

  /** Bytes that a job would add to what is held, when it is done. */
  growth(index: number): number {
    const { reads, bytes } = this.#jobs[index];
    return reads.reduce((sum, other) => sum - this.#freed(other), bytes);
  }

  run(index: number): void {
    const { reads, bytes, scratchBytes, inPlace } = this.#jobs[index];
    const replaces = inPlace && reads.some(other => this.#freed(other) === bytes);
    this.most = Math.max(this.most, this.held + (replaces ? 0 : bytes) + scratchBytes);
    this.held += this.growth(index);
    for (const other of reads) this.#readersLeft[other]--;
  }

  /** Bytes that the next reader of a result frees. */
  #freed(index: number): number {
    return this.#readersLeft[index] === 1 ? this.#jobs[index].bytes : 0;
  }
}

export function naiveFrugalOrder(jobs: readonly Job[]): { readonly order: number[]; readonly bytes: number } {
  const { first, released } = dependencies(jobs);
  const memory = new Held(jobs);
  const little = Math.max(...jobs.map(({ bytes }) => bytes)) / 64;
  const order: number[] = [];
  const ready = new Set(first);
  while (ready.size > 0) {
    const next = [...ready].reduce((best, index) => {
      const [grows, bestGrows] = [memory.growth(index) > little, memory.growth(best) > little];
      return grows === bestGrows ? Math.min(index, best) : grows ? best : index;
    });
    for (const index of jobs[next].kind === 'start' ? [next, next + 1] : [next]) {
      order.push(index);
      memory.run(index);
      for (const follower of released(index)) ready.add(follower);
      ready.delete(index);
    }
  }
  return { order, bytes: memory.most };
}

export function naiveOverlappedOrder(
  jobs: readonly Job[],
  machine: Machine,
  frugal: readonly number[],
  { bytes: most, ahead }: { readonly bytes: number; readonly ahead: number },
): number[] {
  const { first, followers, released } = dependencies(jobs);
  const remaining = chains(jobs, machine, followers);
  const memory = new Held(jobs);
  const order: number[] = [];
  const ready = new Set(first);
  /** The frugal order of what is still to be run. */
  let rest = [...frugal];
  /** Ends of exchanges that were started: when the data are there. */
  const travelling = new Map<number, number>();
  /** When the lines to the peers are free again. */
  const lines = new Map<number, number>();
  let now = 0;
  const arrivalOf = (start: number): number => {
    const through = jobs[start].sends.map(({ peer, bytes }) => {
      const free = Math.max(now, lines.get(peer) ?? 0) + bytes / machine.bytesPerSecond;
      lines.set(peer, free);
      return free;
    });
    return Math.max(now, ...through) + machine.latencySeconds;
  };
  const run = (index: number) => {
    order.push(index);
    memory.run(index);
    rest = rest.filter(other => other !== index);
    if (jobs[index].kind === 'start') travelling.set(index + 1, arrivalOf(index));
    if (jobs[index].kind === 'finish') travelling.delete(index);
    now += jobs[index].seconds;
    for (const follower of released(index)) if (jobs[follower].kind !== 'finish') ready.add(follower);
    ready.delete(index);
  };
  const isSafe = (index: number): boolean => {
    const trial = new Held(jobs, memory);
    trial.run(index);
    for (const other of rest) if (other !== index) trial.run(other);
    return trial.most <= most;
  };
  const longestFirst = (indices: Iterable<number>) =>
    [...indices].sort((a, b) => remaining[b] - remaining[a] || a - b);
  const nextExchange = () => {
    const starts = [...ready].filter(index => jobs[index].kind === 'start');
    const arrived = [...travelling].filter(([, arrival]) => arrival <= now).map(([index]) => index);
    return longestFirst([...starts, ...arrived])[0];
  };
  const nextComputation = () => {
    const computations = rest.filter(index => jobs[index].kind === 'compute');
    const near = longestFirst(computations.slice(0, ahead).filter(index => ready.has(index)));
    const freeing = near.filter(index => memory.growth(index) < 0);
    return [...freeing, ...near].find(isSafe);
  };
  while (order.length < jobs.length) {
    const next = nextExchange() ?? nextComputation();
    if (next === undefined) now = Math.min(...travelling.values());
    else run(next);
  }
  return order;
}

/** Seconds from the beginning of every job to the end of the step, along the longest chain of those that follow. */
function chains(jobs: readonly Job[], machine: Machine, followers: readonly number[][]): number[] {
  const remaining = new Array<number>(jobs.length).fill(0);
  for (let index = jobs.length - 1; index >= 0; index--) {
    const { kind, seconds, sends } = jobs[index];
    const travel =
      kind === 'start'
        ? machine.latencySeconds + Math.max(0, ...sends.map(({ bytes }) => bytes)) / machine.bytesPerSecond
        : 0;
    const after = followers[index].reduce((longest, follower) => Math.max(longest, remaining[follower]), 0);
    remaining[index] = seconds + travel + after;
  }
  return remaining;
}
