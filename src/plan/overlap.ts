/** The order of a step that hides exchanges behind work. */
import { Clock } from './clock.ts';
import type { Job } from './job.ts';
import type { Machine } from './machine.ts';
import { Rest } from './rest.ts';
import { dependencies } from './schedule.ts';
import { sorted } from './sorted.ts';

/** How far an order may go from the frugal one. */
interface Freedom {
  /** Bytes that may be held; at least what the frugal order holds. */
  readonly bytes: number;
  /** What is computed next must be among so many of the frugal order's next computations. */
  readonly ahead: number;
}

/**
 * Work that does not need an exchange in flight goes on meanwhile. What can be sent is sent at once. Of what can be
 * computed that goes first which frees memory, then that for which the longest chain of work and exchanges waits. When
 * an exchange is over, on a simple model of the machine and its links, decides when the work behind it gets its turn.
 *
 * @param frugal the order from which every step must be able to go on within the bytes allowed
 */
export function overlappedOrder(
  jobs: readonly Job[],
  machine: Machine,
  frugal: readonly number[],
  { bytes: most, ahead }: Freedom,
): number[] {
  const { first, followers, released } = dependencies(jobs);
  const remaining = chains(jobs, machine, followers);
  const longestFirst = (a: number, b: number) => remaining[b] - remaining[a] || a - b;
  const rest = new Rest(jobs, frugal);
  const order: number[] = [];
  /** Starts whose blocks are there, and finishes whose exchange is over. */
  const exchanges = sorted(longestFirst);
  /** What can be computed: what frees memory, and what does not. */
  const freeing = sorted(longestFirst);
  const others = sorted(longestFirst);
  /** Finishes of exchanges that were started, and when the data are there. */
  const arrivals = new Float64Array(jobs.length);
  const travelling = sorted<number>((a, b) => arrivals[a] - arrivals[b] || a - b);
  const clock = new Clock(() => machine);
  /** An exchange is over when what goes out would be there: what comes in is like it, and set out at the same time. */
  const arrivalOf = (start: number): number =>
    jobs[start].sends.reduce(
      (latest, { peer, bytes }) => Math.max(latest, clock.send(peer, bytes)),
      clock.now + machine.latencySeconds,
    );
  const computable = (index: number) => (rest.growth(index) < 0 ? freeing : others).add(index);
  const ready = (index: number) => {
    if (jobs[index].kind === 'start') exchanges.add(index);
    if (jobs[index].kind === 'compute') computable(index);
  };
  const run = (index: number) => {
    order.push(index);
    for (const queue of [exchanges, freeing, others]) queue.delete(index);
    for (const lighter of rest.run(index)) if (others.delete(lighter)) computable(lighter);
    if (jobs[index].kind === 'start') {
      arrivals[index + 1] = arrivalOf(index);
      travelling.add(index + 1);
    }
    clock.work(jobs[index].seconds);
    for (const follower of released(index)) ready(follower);
  };
  const nextComputation = (): number | undefined => {
    for (const queue of [freeing, others])
      for (const index of queue.values())
        if (rest.isAmongFirst(index, ahead) && rest.mostWith(index) <= most) return index;
    return undefined;
  };
  first.forEach(ready);
  while (order.length < jobs.length) {
    for (
      let over = travelling.first;
      over !== undefined && arrivals[over] <= clock.now;
      over = travelling.first
    ) {
      travelling.delete(over);
      exchanges.add(over);
    }
    const next = exchanges.first ?? nextComputation();
    if (next !== undefined) run(next);
    else if (travelling.first !== undefined) clock.waitUntil(arrivals[travelling.first]);
    else throw new RangeError(`no order of these ${jobs.length} jobs holds ${most} bytes at most`);
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
