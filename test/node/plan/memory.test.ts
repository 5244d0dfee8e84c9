import { expect, test } from 'vitest';
import { philox } from '../../../src/graph/philox.ts';
import { assignBlocks, type Lifetime } from '../../../src/plan/memory.ts';
import { naiveBlocks } from '../../reference/naive-blocks.ts';

/** `count` lifetimes within `steps` steps. */
function randomItems(seed: number, count: number, steps: number): Lifetime[] {
  return Array.from({ length: count }, (_, i) => {
    const [bytes, from, length] = philox(i, 0, 0, 0, seed, 0);
    const first = from % steps;
    return { bytes: 4 * (1 + (bytes % 1000)), first, last: Math.min(steps - 1, first + (length % 5)) };
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Bytes alive at the busiest step: no assignment can take less. */
function peak(items: readonly Lifetime[], steps: number): number {
  return Math.max(
    ...Array.from({ length: steps }, (_, step) =>
      sum(items.filter(({ first, last }) => first <= step && step <= last).map(({ bytes }) => bytes)),
    ),
  );
}

/** Of a step that goes forth and back: what is made on the way there lives until the same place on the way back. */
function nestedItems(seed: number, depth: number): Lifetime[] {
  const steps = 4 * depth;
  return Array.from({ length: depth }, (_, i) => {
    const [kind, size, at, life] = philox(i, 1, 0, 0, seed, 0);
    const bytes = 256 * [1, 1, 1, 2, 16][size % 5] + 4 * (kind % 3);
    if (kind % 2 === 0) return { bytes, first: 2 * i, last: steps - 1 - 2 * i };
    const first = at % steps;
    return { bytes, first, last: Math.min(steps - 1, first + (life % 4)) };
  });
}

const together = (a: Lifetime, b: Lifetime) => a.first <= b.last && b.first <= a.last;

test('random lifetimes: items that are alive together never overlap, and those that are apart never share a block', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const steps = 1 + (seed % 40);
    const items = randomItems(seed, 1 + (seed % 60), steps);
    const apart = (i: number, j: number) => (i + j) % 3 === 0;
    const { block, offset, blocks } = assignBlocks(items, apart);
    items.forEach((item, i) => {
      expect(offset[i] % 256, 'storage is bound at multiples of 256 bytes').toBe(0);
      expect(blocks[block[i]]).toBeGreaterThanOrEqual(offset[i] + item.bytes);
      for (let j = 0; j < i; j++) {
        if (!together(items[j], item) || block[i] !== block[j]) continue;
        expect(apart(i, j), `seed ${seed}: items ${j} and ${i}`).toBe(false);
        const [low, high] = offset[i] < offset[j] ? [i, j] : [j, i];
        expect(offset[low] + items[low].bytes).toBeLessThanOrEqual(offset[high]);
      }
    });
    expect(sum(blocks)).toBeLessThanOrEqual(sum(items.map(({ bytes }) => bytes)));
    expect(sum(blocks)).toBeGreaterThanOrEqual(peak(items, steps));
  }
});

const never = () => false;

test('random lifetimes: the places are those that comparing all gives', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const depth = 4 * seed;
    for (const items of [nestedItems(seed, depth), randomItems(seed, depth, 1 + (seed % 90))]) {
      for (const apart of [never, () => true, (i: number, j: number) => (i + j) % 7 === 0]) {
        expect(assignBlocks(items, apart), `seed ${seed}`).toEqual(naiveBlocks(items, apart));
      }
    }
  }
});

test('a chain needs two blocks however long it is, the largest first', () => {
  const chain = Array.from({ length: 50 }, (_, i) => ({ bytes: 100 + i, first: i, last: i + 1 }));
  expect(assignBlocks(chain, never).blocks).toEqual([149, 148]);
});

test('an item that ends where another begins still needs a block of its own', () => {
  const items = [
    { bytes: 8, first: 0, last: 3 },
    { bytes: 8, first: 3, last: 5 },
  ];
  expect(assignBlocks(items, never).blocks).toEqual([8, 8]);
});

test('two small items lie beside each other where a large one was, unless a dispatch forbids it', () => {
  const items = [
    { bytes: 1024, first: 0, last: 1 },
    { bytes: 500, first: 2, last: 4 },
    { bytes: 500, first: 3, last: 5 },
  ];
  expect(assignBlocks(items, never)).toEqual({ block: [0, 0, 0], offset: [0, 0, 512], blocks: [1024] });
  expect(assignBlocks(items, () => true).blocks).toEqual([1024, 500]);
});

test('the gap that fits best is taken, so that the long one is left for a long item', () => {
  const items = [
    { bytes: 900, first: 0, last: 1 },
    { bytes: 900, first: 5, last: 9 },
    { bytes: 800, first: 0, last: 1 },
    { bytes: 800, first: 9, last: 9 },
    { bytes: 700, first: 2, last: 4 },
    { bytes: 700, first: 3, last: 8 },
  ];
  expect(assignBlocks(items, never).blocks).toEqual([900, 800]);
});

test('nothing to place takes no block', () => {
  expect(assignBlocks([], never)).toEqual({ block: [], offset: [], blocks: [] });
});
