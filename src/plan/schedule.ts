/**
 * The order of a step that needs little memory. Like any order here it is a function of the graph alone, so all peers
 * of a mesh arrive at the same one, and nobody waits for a message that its sender has put off.
 */
import { HeldMemory } from './held-memory.ts';

/** A work as the order sees it. */
export interface Task {
  readonly kind: 'compute' | 'start' | 'finish';
  /** Seconds on the device. */
  readonly seconds: number;
  /** Tasks whose results it reads, by index. A finish comes after its start besides, which is the task before it. */
  readonly reads: readonly number[];
  /** Bytes of its result, where that counts: 0 for one that has its place elsewhere. */
  readonly bytes: number;
  /** Bytes that it needs while it runs only. */
  readonly scratchBytes: number;
  /** The result can take the place of something of its size that is read here for the last time. */
  readonly inPlace: boolean;
  /** The result is wanted to the end. */
  readonly kept: boolean;
  /** What a start sends. */
  readonly sends: readonly { readonly peer: number; readonly bytes: number }[];
}

/** What comes after what: tells of every task that is run which others can be run now. */
export function dependencies(tasks: readonly Task[]) {
  const followers: number[][] = tasks.map(() => []);
  const waitsFor = tasks.map(({ kind, reads }, index) => {
    const before = kind === 'finish' ? [...reads, index - 1] : reads;
    for (const other of before) followers[other].push(index);
    return before.length;
  });
  return {
    followers,
    first: tasks.flatMap((_, index) => (waitsFor[index] === 0 ? [index] : [])),
    released: (index: number): number[] => followers[index].filter(follower => --waitsFor[follower] === 0),
  };
}

/**
 * Every exchange is waited for at once. Of what can be computed, what needs next to no memory goes first, since it
 * often is the last to need some, and else the oldest.
 *
 * @returns indices of the tasks, and the most bytes that they hold together
 */
export function frugalOrder(tasks: readonly Task[]): { readonly order: number[]; readonly bytes: number } {
  const { first, released } = dependencies(tasks);
  const memory = new HeldMemory(tasks);
  const little = Math.max(...tasks.map(({ bytes }) => bytes)) / 64;
  const order: number[] = [];
  const ready = new Set(first);
  while (ready.size > 0) {
    const next = [...ready].reduce((best, index) => {
      const [grows, bestGrows] = [memory.growth(index) > little, memory.growth(best) > little];
      return grows === bestGrows ? Math.min(index, best) : grows ? best : index;
    });
    for (const index of tasks[next].kind === 'start' ? [next, next + 1] : [next]) {
      order.push(index);
      memory.run(index);
      for (const follower of released(index)) ready.add(follower);
      ready.delete(index);
    }
  }
  return { order, bytes: memory.most };
}
