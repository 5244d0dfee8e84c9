/** A plan's hash is of its contents, and of nothing else. */
import { expect, test } from 'vitest';
import { hashOf, shortHash } from '../../../src/plan/hash.ts';

test('the order of keys and the kind of map do not matter, every value does', () => {
  const plan = {
    steps: [{ kind: 'start', bytes: 4 }],
    inputs: new Map([
      ['a', 1],
      ['b', 2],
    ]),
  };
  expect(hashOf(plan)).toMatch(/^[0-9a-f]{16}$/);
  expect(hashOf({ inputs: { b: 2, a: 1 }, steps: [{ bytes: 4, kind: 'start' }] })).toBe(hashOf(plan));
  expect(hashOf({ ...plan, absent: undefined })).toBe(hashOf(plan));
  const others = [
    { ...plan, steps: [] },
    { ...plan, steps: [{ kind: 'start', bytes: 5 }] },
    { ...plan, steps: [{ kind: 'start', bytes: Number.POSITIVE_INFINITY }] },
    {
      ...plan,
      inputs: new Map([
        ['a', 2],
        ['b', 1],
      ]),
    },
  ];
  expect(new Set([plan, ...others].map(hashOf)).size).toBe(others.length + 1);
});

test('short texts that differ by a little do not collide, in either half', () => {
  const hashes = Array.from({ length: 50_000 }, (_, i) => hashOf({ run: i, seed: i % 7 }));
  expect(new Set(hashes).size).toBe(hashes.length);
  // 50 000 words of 32 bits have 0.3 collisions on average.
  const halves = [hashes.map(hash => hash.slice(0, 8)), hashes.map(hash => hash.slice(8))];
  for (const half of halves) expect(new Set(half).size).toBeGreaterThan(hashes.length - 5);
  expect(shortHash({ run: 1, seed: 1 })).toBe(Number.parseInt(hashes[1].slice(0, 8), 16));
});
