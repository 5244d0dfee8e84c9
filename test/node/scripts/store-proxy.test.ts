/** The way to WeatherBench 2 through the page's own server: what the bucket is asked, and what never gets there. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { storeOrigin, storeProxy } from '../../../scripts/store-proxy.mjs';
import { proxiedPath, weatherBench2Stores } from '../../../src/data/choice/weatherbench2.ts';

const asked: IncomingMessage[] = [];
/** What the bucket does next. */
let answer: (response: ServerResponse) => void;
const bucket = createServer((request, response) => {
  asked.push(request);
  answer(response);
});
const portOf = (server: typeof bucket) => (server.address() as AddressInfo).port;

let page: typeof bucket;
beforeAll(async () => {
  await once(bucket.listen(0, '127.0.0.1'), 'listening');
  const proxy = storeProxy(`http://127.0.0.1:${portOf(bucket)}`);
  page = createServer((request, response) =>
    proxy(request, response, () => response.writeHead(404).end('not for the bucket')),
  );
  await once(page.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  page.close();
  bucket.close();
});
afterEach(() => void asked.splice(0));

/** As `fetch`, which would put the path in order before it is sent. */
async function ask(path: string, { method = 'GET', headers = {} as OutgoingHttpHeaders } = {}) {
  const sent = request({ host: '127.0.0.1', port: portOf(page), path, method, headers, agent: false }).end();
  const [received] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: received.statusCode, headers: received.headers, body: await text(received) };
}

const chunk = '/weatherbench2/datasets/era5/a.zarr/2m_temperature/0.0.0';

test('a request for a store goes to the place in the bucket that the store has, and its answer comes back', async () => {
  answer = response =>
    response
      .writeHead(206, { 'Content-Range': 'bytes 0-6/9', ETag: '"1"', 'Content-Type': 'text/html' })
      .end('a chunk');
  const store = weatherBench2Stores['64x32'];
  const { status, body, headers } = await ask(`${proxiedPath(store)}/2m_temperature/0.0.0`, {
    headers: { range: 'bytes=0-6' },
  });
  expect([status, body]).toEqual([206, 'a chunk']);
  expect([headers['content-range'], headers.etag]).toEqual(['bytes 0-6/9', '"1"']);
  const [{ method, url, headers: passed }] = asked;
  expect([method, storeOrigin + url]).toEqual(['GET', `${store}/2m_temperature/0.0.0`]);
  expect(passed.range).toBe('bytes=0-6');
  expect(passed.host).toBe(`127.0.0.1:${portOf(bucket)}`);
});

test('nothing that says who asks is passed on, and nothing that sets something comes back', async () => {
  answer = response =>
    response
      .writeHead(200, {
        'Set-Cookie': 'a=b',
        'Content-Type': 'text/html',
        'Access-Control-Allow-Origin': '*',
      })
      .end('<script>');
  const { headers } = await ask(chunk, {
    headers: {
      Cookie: 'secret=1',
      Authorization: 'Basic c2VjcmV0',
      Referer: 'http://here/',
      'X-Forwarded-Host': 'evil.example',
      'If-None-Match': '"1"',
    },
  });
  expect(Object.keys(asked[0].headers).sort()).toEqual(['connection', 'host', 'if-none-match']);
  // Nor is it taken for a page of this site.
  expect(headers['content-type']).toBe('application/octet-stream');
  expect(headers).not.toHaveProperty('set-cookie');
  expect(headers).not.toHaveProperty('access-control-allow-origin');
});

test('what the bucket says of a chunk that it has not, or that the browser has, comes back as it is', async () => {
  answer = response => response.writeHead(404).end('none');
  expect(await ask(chunk)).toMatchObject({ status: 404, body: 'none' });
  answer = response => response.writeHead(304, { ETag: '"1"' }).end();
  expect(await ask(chunk, { headers: { 'If-None-Match': '"1"' } })).toMatchObject({ status: 304, body: '' });
  answer = response => response.writeHead(200, { 'Content-Length': 7 }).end();
  const head = await ask(chunk, { method: 'HEAD' });
  expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '7', '']);
});

test.each(['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])(
  '%s is refused, and never gets to the bucket',
  async method => {
    const { status, headers } = await ask(chunk, { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(asked).toEqual([]);
  },
);

test.each([
  '/weatherbench2/../other-bucket/x',
  '/weatherbench2/datasets/../../other-bucket/x',
  '/weatherbench2/./x',
  '/weatherbench2/%2e%2e/other-bucket/x',
  '/weatherbench2/%2E%2e/other-bucket/x',
  '/weatherbench2/.%2e/other-bucket/x',
  '/weatherbench2/..%2fother-bucket/x',
  '/weatherbench2/%2e%2e%2fother-bucket%2fx',
  '/weatherbench2/%252e%252e/other-bucket/x',
  '/weatherbench2/..%252fother-bucket/x',
  '/weatherbench2/..\\other-bucket\\x',
  '/weatherbench2/%5c..%5cother-bucket',
  '/weatherbench2/datasets//x',
  '/weatherbench2//other.example/x',
  '/weatherbench2/..;/other-bucket/x',
  '/weatherbench2/%c0%ae%c0%ae/x',
  '/weatherbench2/x?prefix=../other-bucket',
  '/weatherbench2/x#/../../other-bucket',
  '/weatherbench2/user@other.example/x',
  '/weatherbench2/x:8080',
  '/weatherbench2/',
])('%s is no key of a store', async path => {
  expect(await ask(path)).toMatchObject({ status: 400, body: 'This is no key of a store.\n' });
  expect(asked).toEqual([]);
});

test.each([
  'http://other.example/weatherbench2/x',
  'https://storage.googleapis.com/other-bucket/x',
  '//other.example/weatherbench2/x',
  '/weatherbench2',
  '/weatherbench2x/y',
  '/%77eatherbench2/x',
  '/other-bucket/x',
  '*',
])('%s is not for the bucket', async path => {
  expect(await ask(path)).toMatchObject({ status: 404, body: 'not for the bucket' });
  expect(asked).toEqual([]);
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) of the bucket is not followed', async status => {
  answer = response =>
    response.writeHead(status, { Location: `http://127.0.0.1:${portOf(bucket)}/other-bucket/x` }).end();
  const { status: told, headers, body } = await ask(chunk);
  expect([told, body]).toEqual([
    502,
    `The bucket answered with a redirect (${status}), which is not followed.\n`,
  ]);
  expect(headers).not.toHaveProperty('location');
  expect(asked).toHaveLength(1);
});

test('where the bucket breaks off or cannot be reached, so does the answer, and the server goes on', async () => {
  answer = response => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('a', () => response.destroy());
  };
  await expect(ask(chunk)).rejects.toThrow('aborted');
  answer = response => response.destroy();
  expect(await ask(chunk)).toMatchObject({
    status: 502,
    body: 'The bucket cannot be reached: socket hang up.\n',
  });
});
