/** Where a page keeps passes for statistics: what there is no room for any more goes, the oldest first. */
import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { browserPasses, passStoreOf } from '../../../src/tasks/forecast/stream/pass-store.ts';

test('passes are kept by their keys, the newest as far as there is room', async () => {
  const store = browserPasses(250);
  const pass = (value: number) => new Uint8Array(100).fill(value);
  const clock = vi.spyOn(Date, 'now');
  for (const [i, key] of ['a', 'b', 'a', 'c'].entries()) {
    clock.mockReturnValue(1000 + i);
    await store.write(key, pass(i));
  }
  clock.mockRestore();
  // Of b there is none left: a was written after it.
  expect(await store.read('a')).toEqual(pass(2));
  expect(await store.read('b')).toBeUndefined();
  expect(await store.read('c')).toEqual(pass(3));
  await store.write('large', new Uint8Array(240));
  expect(await store.read('c')).toBeUndefined();
  expect(await store.read('large')).toHaveLength(240);
});

test('nothing is sent to another site than that of the page', () => {
  vi.stubGlobal('location', new URL('http://localhost:5000/page.html'));
  const files = { kind: 'files', files: [] } as const;
  expect(passStoreOf({ ...files, keep: 'http://example.org/passes' })).toBeUndefined();
  expect(passStoreOf({ ...files, keep: '/run/1/passes' })).toBeDefined();
  vi.unstubAllGlobals();
});
