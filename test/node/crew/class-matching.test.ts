/** Groups are made of what was tested: few tests, good links inside, and a reason for each who is left. */
import { describe, expect, test } from 'vitest';
import {
  costOf,
  type LinkQuality,
  matchUp,
  mostRounds,
  nobodyLeft,
  roundsOf,
  type TestedLink,
} from '../../../src/crew/class/matching.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`);
const fast: LinkQuality = { roundTripMs: 1, megabytesPerSecond: 50 };
const slow: LinkQuality = { roundTripMs: 30, megabytesPerSecond: 2 };

/** @param linkOf two pages, in the order of their names */
function tester(linkOf: (a: number, b: number) => TestedLink) {
  const pairs: string[] = [];
  let [running, most] = [0, 0];
  const progress: (readonly [number, number])[] = [];
  return {
    pairs,
    progress,
    most: () => most,
    match: (count: number, size: number) =>
      matchUp(
        names(count),
        size,
        async (a, b) => {
          const [first, second] = [a, b].map(id => Number(id.slice(1))).sort((x, y) => x - y);
          pairs.push(`${first} ${second}`);
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
          return linkOf(first, second);
        },
        (done, all) => progress.push([done, all]),
      ),
  };
}

describe('rounds of tests', () => {
  test.for([2, 3, 4, 5, 8, 29, 30])(
    '%i pupils: each takes part once in a round, and each meets each',
    units => {
      const rounds = roundsOf(units, units);
      const met = rounds.flatMap(round => round.map(([a, b]) => [a, b].sort((x, y) => x - y).join(' ')));
      expect(new Set(met).size).toBe((units * (units - 1)) / 2);
      expect(met).toHaveLength(new Set(met).size);
      for (const round of rounds) expect(new Set(round.flat()).size).toBe(2 * round.length);
    },
  );

  test('one alone needs none', () => {
    expect(roundsOf(1, 3)).toEqual([]);
    expect(roundsOf(0, 3)).toEqual([]);
  });
});

describe('groups', () => {
  test('of four pupils all pairs are tested, and the best go together', async () => {
    const { match, pairs } = tester((a, b) => (a === 0 && b === 2 ? fast : slow));
    const { matches, alone } = await match(4, 2);
    expect(pairs).toHaveLength(6);
    expect(matches.map(({ members }) => [...members].sort())).toEqual([
      ['p0', 'p2'],
      ['p1', 'p3'],
    ]);
    expect(matches[0].link).toEqual(fast);
    expect(alone).toEqual([]);
  });

  test('of thirty few pairs are tested, few at a time, and the links inside are better than those by name', async () => {
    const quality = (a: number, b: number): LinkQuality => ({
      roundTripMs: 1 + ((a * 7 + b * 13) % 31),
      megabytesPerSecond: 50,
    });
    const { match, pairs, most, progress } = tester(quality);
    const { matches, alone } = await match(30, 2);
    expect(new Set(matches.flatMap(({ members }) => members)).size + alone.length).toBe(30);
    expect(alone).toEqual([]);
    expect(pairs.length).toBeLessThanOrEqual(mostRounds * 15 + 10);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(most()).toBe(4);
    expect(progress.at(-1)).toEqual([pairs.length, pairs.length]);
    const mean = matches.reduce((sum, { link }) => sum + costOf(link), 0) / 15;
    const byName = Array.from({ length: 15 }, (_, i) => costOf(quality(2 * i, 2 * i + 1)));
    expect(mean).toBeLessThan(byName.reduce((sum, cost) => sum + cost, 0) / 15);
  });

  test('who finds no way to anybody stays alone and hears why; of an odd number one is left', async () => {
    const { match } = tester((a, b) =>
      a === 1 || b === 1 ? { fault: 'the network keeps its machines apart' } : fast,
    );
    const { matches, alone } = await match(4, 2);
    expect(matches.flatMap(({ members }) => members)).not.toContain('p1');
    expect(alone.find(({ id }) => id === 'p1')?.why).toContain('apart');
    const odd = await tester(() => fast).match(3, 2);
    expect(odd.alone).toEqual([{ id: expect.any(String), why: nobodyLeft }]);
  });

  test('who is left by what was tested is tested with the others who are', async () => {
    // Two rooms whose pages reach their own room alone.
    const { match } = tester((a, b) => (a < 5 === b < 5 ? fast : { fault: 'no way' }));
    const { matches } = await match(10, 2);
    expect(matches).toHaveLength(4);
    for (const { members } of matches)
      expect(new Set(members.map(id => Number(id.slice(1)) < 5)).size).toBe(1);
  });

  test('fours are pairs of pairs, with their worst link, and a pair that is left stays one', async () => {
    const { matches, alone } = await tester((a, b) => (b - a > 3 ? slow : fast)).match(10, 4);
    expect(matches.map(({ members }) => members.length).sort()).toEqual([2, 4, 4]);
    expect(alone).toEqual([]);
    expect(matches.some(({ members, link }) => members.length === 4 && link === slow)).toBe(true);
  });

  test('nobody, or one, is no group', async () => {
    expect(await tester(() => fast).match(0, 2)).toEqual({ matches: [], alone: [] });
    expect(await tester(() => fast).match(1, 2)).toEqual({
      matches: [],
      alone: [{ id: 'p0', why: nobodyLeft }],
    });
  });
});
