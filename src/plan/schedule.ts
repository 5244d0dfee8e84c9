/**
 * The order of a step that needs little memory. Like any order here it is a function of the graph alone, so all peers
 * of a mesh arrive at the same one, and nobody waits for a message that its sender has put off.
 */

import { HeldMemory } from './held-memory.ts';
import type { Job } from './job.ts';
import { sorted } from './sorted.ts';

/** What comes after what: tells of every job that is run which others can be run now. */
export function dependencies(jobs: readonly Job[]) {
  const followers: number[][] = jobs.map(() => []);
  const waitsFor = jobs.map(({ kind, reads }, index) => {
    const before = kind === 'finish' ? [...reads, index - 1] : reads;
    for (const other of before) followers[other].push(index);
    return before.length;
  });
  return {
    followers,
    first: jobs.flatMap((_, index) => (waitsFor[index] === 0 ? [index] : [])),
    released: (index: number): number[] => followers[index].filter(follower => --waitsFor[follower] === 0),
  };
}

/**
 * Every exchange is waited for at once. Of what can be computed, what needs next to no memory goes first, since it
 * often is the last to need some, and else the oldest.
 *
 * @returns indices of the jobs, and the most bytes that they hold together
 */
export function frugalOrder(jobs: readonly Job[]): { readonly order: number[]; readonly bytes: number } {
  const { first, released } = dependencies(jobs);
  const memory = new HeldMemory(jobs);
  const little = jobs.reduce((most, { bytes }) => Math.max(most, bytes), 0) / 64;
  const order: number[] = [];
  const oldestFirst = (a: number, b: number) => a - b;
  /** What can be run: what needs next to no memory, and what needs some. */
  const small = sorted(oldestFirst);
  const large = sorted(oldestFirst);
  const ready = (index: number) => (memory.growth(index) > little ? large : small).add(index);
  first.forEach(ready);
  for (let next = small.first ?? large.first; next !== undefined; next = small.first ?? large.first) {
    for (const index of jobs[next].kind === 'start' ? [next, next + 1] : [next]) {
      if (!small.delete(index)) large.delete(index);
      order.push(index);
      for (const lighter of memory.run(index)) if (large.delete(lighter)) ready(lighter);
      for (const follower of released(index)) ready(follower);
    }
  }
  return { order, bytes: memory.most };
}
