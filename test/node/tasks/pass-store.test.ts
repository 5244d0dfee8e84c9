/** Where passes for statistics are kept: by a page, where the oldest go for want of room, and by the terminal's server. */
import 'fake-indexeddb/auto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { passesHandler } from '../../../src/cli/serve-data.ts';
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

test("the terminal's server keeps them in files", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-passes-'));
  const handler = passesHandler(join(folder, 'data'));
  const server = createServer((request, response) =>
    handler(request, response, request.url!.slice('/run/1/passes'.length)),
  );
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  vi.stubGlobal('location', new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`));
  onTestFinished(async () => {
    vi.unstubAllGlobals();
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });
  const store = passStoreOf({ kind: 'files', files: [], keep: '/run/1/passes' });
  const key = '0123456789abcdef'.repeat(4);
  expect(await store?.read(key)).toBeUndefined();
  await store?.write(key, Uint8Array.of(1, 2, 3));
  expect(await store?.read(key)).toEqual(Uint8Array.of(1, 2, 3));
  await expect(store?.write('no key', Uint8Array.of(1))).rejects.toThrow();
});
