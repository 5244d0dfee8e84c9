/** What the built page's files are served as, from memory. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveBuild } from '../../../scripts/built-files.mjs';

const script = 'export const pressure = 1013.25;\n'.repeat(100);
let folder: string;
let server: Server;
let files: RequestListener;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-built-'));
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), 'outside');
  writeFileSync(join(folder, 'dist', '.sources'), 'hidden');
  writeFileSync(join(folder, 'dist', 'index.html'), '<head></head>');
  writeFileSync(join(folder, 'dist', 'favicon.svg'), '<svg/>');
  writeFileSync(join(folder, 'dist', 'assets', 'app-1a2b.js'), script);
  writeFileSync(join(folder, 'dist', 'run.isobar.gz'), gzipSync(script));
  files = await serveBuild(join(folder, 'dist'), {
    change: html => html.replace('<head>', '<head><meta>'),
  });
  server = createServer((request, response) => files(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** As `fetch`, which would put the path in order, and unpack what comes. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [received] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: received.statusCode, headers: received.headers, body: await buffer(received) };
}

test('the page is what it was changed to, at its two names, and asked for anew each time', async () => {
  for (const path of ['/', '/index.html', '/?preset=tiny&a=%']) {
    const { status, headers, body } = await ask(path);
    expect([status, String(body)]).toEqual([200, '<head><meta></head>']);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-length': String(body.length),
    });
  }
});

test('files with a hash in their names are kept for a year, others are asked for anew', async () => {
  const { headers } = await ask('/assets/app-1a2b.js');
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect((await ask('/favicon.svg')).headers).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'no-cache',
  });
});

test('a recording is served as the file that it is, for whoever keeps it', async () => {
  const { headers, body } = await ask('/run.isobar.gz', { 'accept-encoding': 'gzip, br' });
  expect(headers['content-type']).toBe('application/gzip');
  expect(headers['content-encoding']).toBeUndefined();
  expect(String(gunzipSync(body))).toBe(script);
});

test.for([
  ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
  ['gzip, deflate', 'gzip', gunzipSync],
  ['br;q=0, GZIP;q=0.5', 'gzip', gunzipSync],
  ['br;q=0.0,gzip;q=0', undefined, undefined],
  ['deflate', undefined, undefined],
  ['', undefined, undefined],
] as const)('who takes "%s" gets %s', async ([accepted, coding, unpack]) => {
  const { headers, body } = await ask('/assets/app-1a2b.js', { 'accept-encoding': accepted });
  expect(headers['content-encoding']).toBe(coding);
  expect(headers.vary).toBe('Accept-Encoding');
  expect(headers['content-length']).toBe(String(body.length));
  expect(String(unpack?.(body) ?? body)).toBe(script);
  if (coding) expect(body.length).toBeLessThan(script.length / 10);
});

test('what was compressed at the build is sent as it is, and is no file of its own', async () => {
  // Longer than the server would make it, so that the two are told apart.
  const before = brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } });
  const assets = join(folder, 'dist', 'assets');
  writeFileSync(join(assets, 'early-1a2b.js'), script);
  writeFileSync(join(assets, 'early-1a2b.js.br'), before);
  writeFileSync(join(folder, 'dist', 'index.html.br'), before);
  files = await serveBuild(join(folder, 'dist'), { change: html => `${html}<p>told</p>` });
  const { headers, body } = await ask('/assets/early-1a2b.js', { 'accept-encoding': 'gzip, br' });
  expect(headers['content-encoding']).toBe('br');
  expect(body.equals(before)).toBe(true);
  expect(String((await ask('/assets/early-1a2b.js')).body)).toBe(script);
  expect((await ask('/assets/early-1a2b.js.br')).status).toBe(404);
  // The page is changed as it is served.
  const page = await ask('/', { 'accept-encoding': 'br' });
  expect(String(brotliDecompressSync(page.body))).toBe('<head></head><p>told</p>');
});

test('a browser that has it already is told so, for the coding that it has', async () => {
  const { headers } = await ask('/', { 'accept-encoding': 'br' });
  const tag = headers.etag!;
  const again = async (known: string, coding = 'br') => {
    const answer = await ask('/', { 'if-none-match': known, 'accept-encoding': coding });
    expect(answer.headers['cache-control']).toBe('no-cache');
    return [answer.status, answer.body.length > 0];
  };
  expect(await again(tag)).toEqual([304, false]);
  expect(await again(`"x", W/${tag}`)).toEqual([304, false]);
  expect(await again('"x"')).toEqual([200, true]);
  expect(await again(tag, 'gzip')).toEqual([200, true]);
});

test.each([
  '/package.json',
  '/../package.json',
  '/assets/../../package.json',
  '/%2e%2e/package.json',
  '/..%2fpackage.json',
  '/%252e%252e/package.json',
  '/..\\package.json',
  '/.sources',
  '/assets',
  '/assets/',
  '/./index.html',
  '//index.html',
  '/constructor',
  '/__proto__',
  'http://127.0.0.1/index.html',
  '*',
  '/%',
])('%s is not found', async path => {
  expect(await ask(path)).toMatchObject({ status: 404, body: Buffer.from('Not found.\n') });
});

test('nothing but reading is allowed, and a look at the headers brings no body', async () => {
  expect(await ask('/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  const { status, headers, body } = await ask('/favicon.svg', {}, 'HEAD');
  expect([status, headers['content-length'], body.length]).toEqual([200, '6', 0]);
});

test('a build that is made anew in the same folder changes nothing for a server that runs', async () => {
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(await ask('/assets/app-1a2b.js')).toMatchObject({ status: 200, body: Buffer.from(script) });
});

test('a folder without a page, and a file of an unknown kind, are refused with what to do', async () => {
  writeFileSync(join(folder, 'dist', 'notes.xyz'), '');
  await expect(serveBuild(join(folder, 'dist'))).rejects.toThrow(
    'No media type is known for /notes.xyz of the build: name it in scripts/built-files.mjs.',
  );
  await expect(serveBuild(join(folder, 'dist', 'assets'))).rejects.toThrow('run npm run build');
});
