/** The order of a step that hides exchanges behind work. */
import { HeldMemory } from './held-memory.ts';
import { dependencies, type Task } from './schedule.ts';

/** What the model of time knows: it decides the order only, never a result. */
export interface Machine {
  readonly flopsPerSecond: number;
  /** Of a kernel that does no products: elements a second. */
  readonly elementsPerSecond: number;
  readonly secondsPerDispatch: number;
  readonly latencySeconds: number;
  readonly bytesPerSecond: number;
}

/**
 * A device and a link on which exchanges take longer than the work that could hide them. An order that is made for
 * such a link hides what a faster one brings as well; one that counts on early arrivals stands still when they are late.
 */
export const typicalMachine: Machine = {
  flopsPerSecond: 2e9,
  elementsPerSecond: 2e8,
  secondsPerDispatch: 2e-4,
  latencySeconds: 6e-3,
  bytesPerSecond: 2.5e6,
};

/** How far an order may go from the frugal one. */
interface Freedom {
  /** Bytes that may be held; at least what the frugal order holds. */
  readonly bytes: number;
  /** What is computed next must be among so many of the frugal order's next. */
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
  tasks: readonly Task[],
  machine: Machine,
  frugal: readonly number[],
  { bytes: most, ahead }: Freedom,
): number[] {
  const { first, followers, released } = dependencies(tasks);
  const remaining = chains(tasks, machine, followers);
  const memory = new HeldMemory(tasks);
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
    const through = tasks[start].sends.map(({ peer, bytes }) => {
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
    if (tasks[index].kind === 'start') travelling.set(index + 1, arrivalOf(index));
    if (tasks[index].kind === 'finish') travelling.delete(index);
    now += tasks[index].seconds;
    for (const follower of released(index)) if (tasks[follower].kind !== 'finish') ready.add(follower);
    ready.delete(index);
  };
  const isSafe = (index: number): boolean => {
    const trial = new HeldMemory(tasks, memory);
    trial.run(index);
    for (const other of rest) if (other !== index) trial.run(other);
    return trial.most <= most;
  };
  const longestFirst = (indices: Iterable<number>) =>
    [...indices].sort((a, b) => remaining[b] - remaining[a] || a - b);
  const nextExchange = () => {
    const starts = [...ready].filter(index => tasks[index].kind === 'start');
    const arrived = [...travelling].filter(([, arrival]) => arrival <= now).map(([index]) => index);
    return longestFirst([...starts, ...arrived])[0];
  };
  const nextComputation = () => {
    const near = longestFirst(rest.slice(0, ahead).filter(index => ready.has(index)));
    const freeing = near.filter(index => memory.growth(index) < 0);
    return [...freeing, ...near].find(isSafe);
  };
  while (order.length < tasks.length) {
    const next = nextExchange() ?? nextComputation();
    if (next === undefined) now = Math.min(...travelling.values());
    else run(next);
  }
  return order;
}

/** Seconds from the beginning of every task to the end of the step, along the longest chain of those that follow. */
function chains(tasks: readonly Task[], machine: Machine, followers: readonly number[][]): number[] {
  const remaining = new Array<number>(tasks.length).fill(0);
  for (let index = tasks.length - 1; index >= 0; index--) {
    const { kind, seconds, sends } = tasks[index];
    const travel =
      kind === 'start'
        ? machine.latencySeconds + Math.max(0, ...sends.map(({ bytes }) => bytes)) / machine.bytesPerSecond
        : 0;
    const after = followers[index].reduce((longest, follower) => Math.max(longest, remaining[follower]), 0);
    remaining[index] = seconds + travel + after;
  }
  return remaining;
}
