import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { parseMesh } from '../../../src/mesh/mesh.ts';
import { assembleCopies, type CopyStore } from '../../../src/parallel/shard-copies.ts';
import { copyStore } from '../../../src/session/copy-storage.ts';
import { shardsOf, wholeState } from '../parallel/shards.ts';

const mesh = parseMesh('1x2');
const now = Date.now();

afterEach(() => {
  vi.restoreAllMocks();
  indexedDB.deleteDatabase('isobar-copies');
});

const steps = async (store: CopyStore) =>
  (await store.headings()).map(({ info, rank }) => `${info.savedAt - now}:${rank}`).sort();

test('the two newest checkpoints of a room are kept, whichever tab of the browser stores them', async () => {
  // Two tabs, each with both shards of a checkpoint, one a checkpoint behind.
  const [ahead, behind] = [copyStore('room'), copyStore('room')];
  for (const at of [1, 2, 3]) {
    for (const shard of shardsOf(mesh, now + at)) await ahead.put(shard);
    for (const shard of shardsOf(mesh, now + at - 1)) await behind.put(shard);
  }
  expect(await steps(ahead)).toEqual(['2:0', '2:1', '3:0', '3:1']);
  const copies = await Promise.all((await behind.headings()).map(heading => behind.read(heading)));
  const { heading, state } = assembleCopies(copies.filter(copy => copy !== undefined));
  expect(heading.info.savedAt).toBe(now + 3);
  expect(heading.info.lossFirst).toBeNaN();
  expect(state).toEqual(wholeState(now + 3));
});

test('rooms do not mix; what a room stored a day ago goes when another one stores', async () => {
  const day = 24 * 3600 * 1000;
  const [old, fresh, other] = ['old', 'fresh', 'other'].map(copyStore);
  await old.put(shardsOf(mesh, now - day - 1000)[0]);
  await fresh.put(shardsOf(mesh, now)[1]);
  expect(await steps(old)).toEqual([]);
  await other.put(shardsOf(mesh, now + 5)[0]);
  expect(await steps(fresh)).toEqual(['0:1']);
  expect(await steps(other)).toEqual(['5:0']);
  expect(await other.read(shardsOf(mesh, now)[1])).toBeUndefined();
});

test('a full disk is told in words, and what was stored stays', async () => {
  const store = copyStore('room');
  await store.put(shardsOf(mesh, now)[0]);
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  await expect(store.put(shardsOf(mesh, now + 1)[0])).rejects.toThrow(
    'the storage of its browser is full, so its copies of the checkpoint are kept in memory only',
  );
  expect(await steps(store)).toEqual(['0:0']);
});
