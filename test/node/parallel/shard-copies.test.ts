import { describe, expect, test } from 'vitest';
import { type MeshShape, meshName, parseMesh, ranksOf } from '../../../src/mesh/mesh.ts';
import {
  assembleCopies,
  type CopyStore,
  copyHolders,
  createShardCopies,
  type ShardCopy,
} from '../../../src/parallel/shard-copies.ts';
import { shardsOf, wholeState } from './shards.ts';

/** What every page holds after a checkpoint on ranks that are seated so. */
function heldBy(pages: readonly string[], shards: readonly ShardCopy[]): Map<string, ShardCopy[]> {
  const held = new Map<string, ShardCopy[]>(pages.map(page => [page, []]));
  const holders = copyHolders(shards[0].mesh, pages);
  for (const shard of shards)
    for (const rank of [shard.rank, holders[shard.rank]]) held.get(pages[rank])!.push(shard);
  return held;
}

const without = (held: ReadonlyMap<string, ShardCopy[]>, ...lost: string[]) =>
  [...held].flatMap(([page, copies]) => (lost.includes(page) ? [] : copies));

const seatings: [MeshShape, string][] = [
  [parseMesh('1x2'), 'HA'],
  [parseMesh('2x1'), 'HA'],
  [parseMesh('2x2'), 'HABC'],
  // The host holds two ranks or more, next to each other and apart.
  [parseMesh('2x2'), 'HABH'],
  [parseMesh('2x2'), 'HAHB'],
  [parseMesh('2x2'), 'HAHH'],
  [parseMesh('3x2'), 'HABCHH'],
  [parseMesh('1x3'), 'HAA'],
  [parseMesh('1x2', 2), 'HABC'],
  [parseMesh('1x2', 2), 'HAHA'],
  [parseMesh('1x1', 2), 'HA'],
];

describe.each(seatings)('%o in pages %s', (mesh, seating) => {
  const pages = [...seating];
  const shards = shardsOf(mesh, 4);
  const held = heldBy(pages, shards);

  test(`${meshName(mesh)}: whichever page is lost, the others hold the whole`, () => {
    expect(pages).toHaveLength(ranksOf(mesh));
    for (const lost of held.keys()) {
      const { heading, state } = assembleCopies(without(held, lost));
      expect(heading.info.step).toBe(40);
      expect(state).toEqual(wholeState(4));
    }
  });
});

test('the page of rank 0 gets a copy only where no other page can hold it', () => {
  const mesh = parseMesh('2x2');
  expect(copyHolders(mesh, [...'HABC'])).toEqual([1, 2, 3, 1]);
  expect(copyHolders(mesh, [...'HABH'])).toEqual([1, 2, 1, 1]);
  expect(copyHolders(mesh, [...'HAHH'])).toEqual([1, 2, 1, 1]);
  expect(copyHolders(mesh, [...'HHHH'])).toEqual([1, 2, 3, 0]);
  // So it may be lost together with any page but the one with its own copies.
  const held = heldBy([...'HABC'], shardsOf(mesh, 4));
  for (const lost of ['B', 'C'])
    expect(assembleCopies(without(held, 'H', lost)).state).toEqual(wholeState(4));
});

test('a page that is lost with the one that had its copies: whose shards are missing is said', () => {
  const held = heldBy([...'HABC'], shardsOf(parseMesh('2x2'), 4));
  expect(() => assembleCopies(without(held, 'H', 'A'))).toThrow(
    'The ranks that are left hold no whole checkpoint. The checkpoint of step 40 on the mesh 2x2 lacks the shard of ' +
      'rank 0. A page and the one that had the copies of its shards must not be lost together. If one of them comes ' +
      'back, try again; else start anew, or from a checkpoint file.',
  );
  expect(() => assembleCopies(without(held, 'A', 'B'))).toThrow('lacks the shard of rank 1.');
  expect(() => assembleCopies([])).toThrow('No checkpoint was taken yet.');
});

test('of a newest checkpoint that is half done, the one before it is taken; runs are not mixed', () => {
  const mesh = parseMesh('1x2');
  const [before, newest] = [shardsOf(mesh, 4), shardsOf(mesh, 5)];
  expect(assembleCopies([...before, newest[1]]).heading.info.step).toBe(40);
  const otherRun = shardsOf(mesh, 5, 2);
  expect(assembleCopies([...before, newest[1], otherRun[0]]).state).toEqual(wholeState(4));
  expect(() => assembleCopies([newest[1], otherRun[0]])).toThrow(
    /lacks the shard of rank 0.*lacks the shard of rank 1/,
  );
});

test('a shard of a wrong size is refused', () => {
  const [first, second] = shardsOf(parseMesh('1x2'), 4);
  const short = { ...second, state: { ...second.state, moment1: new Float32Array(5) } };
  expect(() => assembleCopies([first, short])).toThrow(
    /The copy of the shard of rank 1 cannot be used: it has 5 values of moment1; \d+ were expected\./,
  );
});

describe('what a rank holds', () => {
  const mesh = parseMesh('1x2');
  const names = (headings: readonly { rank: number; info: { step: number } }[]) =>
    headings.map(({ info, rank }) => `${info.step}:${rank}`).sort();

  test('are the two newest checkpoints, the newest half done perhaps', async () => {
    const copies = createShardCopies();
    for (const at of [1, 2]) for (const shard of shardsOf(mesh, at)) await copies.put(shard);
    const [, half] = shardsOf(mesh, 3);
    await copies.put(half);
    expect(names(await copies.headings())).toEqual(['20:0', '20:1', '30:1']);
    await copies.put(half);
    expect(names(await copies.headings())).toEqual(['20:0', '20:1', '30:1']);
    const [, kept] = shardsOf(mesh, 2);
    expect((await copies.read(kept))?.state).toEqual(kept.state);
    expect(await copies.read(shardsOf(mesh, 1)[0])).toBeUndefined();
  });

  test('are those of the store too; where that fails, those in memory', async () => {
    const [first, second] = shardsOf(mesh, 1);
    let isFull = false;
    const stored: ShardCopy[] = [first];
    const store: CopyStore = {
      put: async copy => {
        if (isFull) throw new Error('the disk is full');
        stored.push(copy);
      },
      headings: async () => {
        if (isFull) throw new Error('the disk is gone');
        return stored.map(({ state: _, ...heading }) => heading);
      },
      read: async ({ rank }) => stored.find(copy => copy.rank === rank),
    };
    const copies = createShardCopies(store);
    await copies.put(second);
    expect(names(await copies.headings())).toEqual(['10:0', '10:1']);
    expect((await copies.read(first))?.state).toEqual(first.state);
    isFull = true;
    await expect(copies.put(shardsOf(mesh, 2)[0])).rejects.toThrow('the disk is full');
    await copies.settled();
    expect(names(await copies.headings())).toEqual(['10:1', '20:0']);
    expect(names(await copies.unstored())).toEqual(['20:0']);
  });
});
