/** What a page takes of what its server offers. */
import { afterEach, expect, test, vi } from 'vitest';
import { offeredServers } from '../../../src/net/offered-servers.ts';

const page = 'https://192.0.2.1:5173/?preset=tiny#/share';
const offer = [
  { urls: ['stun:192.0.2.1:3478'] },
  { urls: ['turn:192.0.2.1:3478'], username: '1:a', credential: 'b' },
];
const answers = (make: () => Response | Promise<Response>) => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => make());
  vi.stubGlobal('fetch', fetch);
  return fetch;
};
afterEach(() => vi.unstubAllGlobals());

test('a page asks the server of its relay, where that is its own', async () => {
  const fetch = answers(() => Response.json(offer));
  expect(await offeredServers('wss://192.0.2.1:5173/relay', page)).toEqual(offer);
  expect(String(fetch.mock.calls[0][0])).toBe('https://192.0.2.1:5173/ice-servers');
  expect(await offeredServers('wss://192.0.2.1:8080/relay', page)).toEqual([]);
  expect(fetch).toHaveBeenCalledOnce();
});

test.each([
  ['a server that has no answer', () => new Response('Not found.', { status: 404 })],
  ['a static host, which answers with a page', () => new Response('<!doctype html>')],
  ['servers of another kind', () => Response.json([{ urls: ['https://192.0.2.1/'] }])],
  ['a server that is gone', () => Promise.reject(new TypeError('Failed to fetch'))],
] as const)('%s: a page joins without', async (_, make) => {
  answers(make);
  expect(await offeredServers('wss://192.0.2.1:5173/relay', page)).toEqual([]);
});
