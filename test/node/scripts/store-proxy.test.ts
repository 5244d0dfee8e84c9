/** The way to WeatherBench 2 through the page's own server: what the bucket is asked, and what never gets there. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as servePage, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeOrigin, storeProxy } from '../../../scripts/store-proxy.mjs';
import { proxiedPath, weatherBench2Stores } from '../../../src/data/choice/weatherbench2.ts';

const asked: IncomingMessage[] = [];
const bucket = createServer((request, response) => {
  asked.push(request);
  response.writeHead(206).end('a chunk');
});
const originOf = (server: { address(): AddressInfo | string | null }) =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

let page: ViteDevServer;
beforeAll(async () => {
  await once(bucket.listen(0, '127.0.0.1'), 'listening');
  page = await servePage({
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, ws: false, watch: null },
    plugins: [storeProxy(originOf(bucket))],
  });
  await page.listen();
});
afterAll(async () => {
  await page.close();
  bucket.close();
});

test('a request for a store goes to the place in the bucket that the store has, and its answer comes back', async () => {
  const store = weatherBench2Stores['64x32'];
  const path = `${proxiedPath(store)}/2m_temperature/0.0.0`;
  const answer = await fetch(originOf(page.httpServer!) + path, { headers: { range: 'bytes=0-6' } });
  expect([answer.status, await answer.text()]).toEqual([206, 'a chunk']);
  const [{ method, url, headers }] = asked.splice(0);
  expect([method, storeOrigin + url]).toEqual(['GET', `${store}/2m_temperature/0.0.0`]);
  expect(headers.range).toBe('bytes=0-6');
  expect(`http://${headers.host}`).toBe(originOf(bucket));
});

test.each(['PUT', 'POST', 'DELETE'])('%s is refused, and never gets to the bucket', async method => {
  const answer = await fetch(`${originOf(page.httpServer!)}/weatherbench2/datasets/x`, { method });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect(asked).toEqual([]);
});
