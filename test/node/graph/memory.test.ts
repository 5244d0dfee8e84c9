import { expect, test } from 'vitest';
import { assignBlocks, type Lifetime } from '../../../src/graph/memory.ts';
import { philox } from '../../../src/graph/philox.ts';

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

test('random lifetimes: items that are alive together never share a block, and every block is large enough', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const steps = 1 + (seed % 40);
    const items = randomItems(seed, 1 + (seed % 60), steps);
    const { block, blocks } = assignBlocks(items);
    expect(block.length).toBe(items.length);
    items.forEach((item, i) => {
      expect(blocks[block[i]]).toBeGreaterThanOrEqual(item.bytes);
      for (let j = 0; j < i; j++) {
        const together = items[j].first <= item.last && item.first <= items[j].last;
        if (together) expect(block[i], `seed ${seed}: items ${j} and ${i}`).not.toBe(block[j]);
      }
    });
    expect(sum(blocks)).toBeLessThanOrEqual(sum(items.map(({ bytes }) => bytes)));
    expect(sum(blocks)).toBeGreaterThanOrEqual(peak(items, steps));
  }
});

test('a chain needs two blocks however long it is, the largest first', () => {
  const chain = Array.from({ length: 50 }, (_, i) => ({ bytes: 100 + i, first: i, last: i + 1 }));
  expect(assignBlocks(chain).blocks).toEqual([149, 148]);
});

test('an item that ends where another begins still needs a block of its own', () => {
  const { block } = assignBlocks([
    { bytes: 8, first: 0, last: 3 },
    { bytes: 8, first: 3, last: 5 },
  ]);
  expect(block[0]).not.toBe(block[1]);
});

test('nothing to place takes no block', () => {
  expect(assignBlocks([])).toEqual({ block: [], blocks: [] });
});
