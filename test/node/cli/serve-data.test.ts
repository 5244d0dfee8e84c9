import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRoom, passesFolder } from '../../../src/cli/kept-passes.ts';
import {
  type DataHandler,
  fileHandler,
  filesHandler,
  folderHandler,
  passesHandler,
  siteHandler,
} from '../../../src/cli/serve-data.ts';
import { type Served, serveFiles } from '../data/serve-files.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
let folder: string;
let site: Served;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar store '));
  for (const name of ['.zgroup', 'a b.nc', 'other']) await writeFile(join(folder, name), bytes);
  await mkdir(join(folder, 'inside'));
  site = await serveFiles(new Map([['store/.zgroup', bytes]]));
  closing.push(site.close);
});
afterAll(async () => {
  for (const close of closing) await close();
  await rm(folder, { recursive: true });
});

/** Asks a handler for what lies below its address. */
async function ask(handler: DataHandler, path: string, init: RequestInit = {}) {
  const server = createServer((request, response) => handler(request, response, path));
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, init);
  const body = new Uint8Array(await answer.arrayBuffer());
  await new Promise(resolve => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { status: answer.status, text: answer.statusText, headers: answer.headers, body };
}

describe.each([
  ['a folder', () => folderHandler(folder), '/.zgroup'],
  ['a file', () => fileHandler(join(folder, 'a b.nc')), '/whatever'],
  [
    'a list of files',
    () => filesHandler(new Map([['x/a b#?&.gz', join(folder, 'other')]])),
    '/x/a%20b%23%3F%26.gz',
  ],
  ['another site', () => siteHandler(`${site.url}store/`), '/.zgroup'],
])('%s', (_, make, path) => {
  test('is read whole and in ranges, as it lies there', async () => {
    const handler = make();
    expect((await ask(handler, path)).body).toEqual(bytes);
    const part = await ask(handler, path, { headers: { Range: 'bytes=10-19' } });
    expect([part.status, part.body]).toEqual([206, bytes.slice(10, 20)]);
    const { headers, body } = await ask(handler, path, { method: 'HEAD' });
    expect([headers.get('content-length'), body.length]).toEqual(['100', 0]);
    expect(headers.get('content-encoding')).toBeNull();
  });
});

test('what is not there is not found, nor what lies beside the folder', async () => {
  expect((await ask(folderHandler(folder), '/1.0.0')).status).toBe(404);
  expect((await ask(siteHandler(`${site.url}store`), '/1.0.0')).status).toBe(404);
  // The folder is there, and so is the file beside it.
  const inside = folderHandler(join(folder, 'inside'));
  for (const path of ['/../other', '/%2e%2e/other']) expect((await ask(inside, path)).status).toBe(404);
});

test('a folder tells of all of its files, where its metadata are asked about, whether they have changed', async () => {
  const handler = folderHandler(folder);
  const stamp = async () => {
    const { headers } = await ask(handler, '/.zgroup', { method: 'HEAD' });
    return decodeURIComponent(headers.get('Isobar-Folder') ?? '');
  };
  const first = await stamp();
  expect(first).toMatch(/^\d+ files, \d+ bytes of .*, marked [0-9a-f]{8}$/);
  expect(await stamp()).toBe(first);
  const chunk = join(folder, 'inside', '1.0');
  // Long numbers have spaces in them that no header takes.
  await writeFile(chunk, new Uint8Array(2000));
  await utimes(chunk, 1000, 1000);
  const second = await stamp();
  await utimes(chunk, 1000, 999);
  const third = await stamp();
  expect(third).toMatch(/^\d+ files, 2\s\d+ bytes of .*, marked [0-9a-f]{8}$/);
  expect(new Set([first, second, third]).size).toBe(3);
  await rm(chunk);
});

test('several ranges come together where they are asked for so', async () => {
  const handler = fileHandler(join(folder, 'other'));
  expect((await ask(handler, '', { method: 'HEAD' })).headers.has('Isobar-Ranges')).toBe(true);
  const ranges = (text: string) => ask(handler, '', { headers: { 'Isobar-Ranges': text } });
  const { status, body } = await ranges('3-4,90-99,0-0');
  expect([status, [...body]]).toEqual([200, [3, 4, ...bytes.slice(90), 0]]);
  for (const wrong of ['0-100', '5-4', 'x', '-1-3', ''])
    expect((await ranges(wrong)).status, wrong).not.toBe(200);
});

test('of listed files nothing else is reached, and ranges are cut at the end of a file', async () => {
  const files = filesHandler(
    new Map([
      ['a', join(folder, 'other')],
      ['gone', join(folder, 'gone')],
      ['none', join(folder, 'none')],
    ]),
  );
  await writeFile(join(folder, 'none'), '');
  for (const path of ['/other', '/a/../other', '/%2e%2e/other', '/%', '/', '', '/gone', '/toString']) {
    expect((await ask(files, path)).status, path).toBe(404);
  }
  const range = (text: string) => ask(files, '/a', { headers: { Range: text } });
  const first = await range('bytes=0-0');
  expect([first.status, first.body]).toEqual([206, bytes.slice(0, 1)]);
  const last = await range('bytes=95-200');
  expect([last.headers.get('content-range'), last.body]).toEqual(['bytes 95-99/100', bytes.slice(95)]);
  expect((await range('bytes=100-')).status).toBe(416);
  expect((await ask(files, '/none')).body).toHaveLength(0);
});

test('a site that is out of reach is told with the reason', async () => {
  const gone = await serveFiles(new Map());
  await gone.close();
  const { status, text } = await ask(siteHandler(gone.url), '/.zgroup');
  expect(status).toBe(502);
  expect(text).toMatch(/ECONNREFUSED/);
});

describe('passes for statistics', () => {
  const key = 'a'.repeat(64);

  test('are kept whole, and given back', async () => {
    const own = join(folder, 'statistics', 'data');
    const handler = passesHandler(own);
    expect((await ask(handler, `/${key}`)).status).toBe(404);
    expect((await ask(handler, `/${key}`, { method: 'PUT', body: bytes })).status).toBe(200);
    expect((await ask(handler, `/${key}`)).body).toEqual(bytes);
    expect((await ask(handler, `/${key}`, { method: 'PUT', body: bytes.slice(50) })).status).toBe(200);
    expect((await ask(handler, `/${key}`)).body).toEqual(bytes.slice(50));
    expect(await readdir(own)).toEqual([key]);
  });

  test('lie under their names, and nothing else does', async () => {
    const handler = passesHandler(join(folder, 'statistics', 'data'));
    for (const path of ['/../../other', '/..%2F..%2Fother', '/short', '/']) {
      expect((await ask(handler, path, { method: 'PUT', body: bytes.slice(1) })).status).toBe(404);
      expect((await ask(handler, path)).status).toBe(404);
    }
    expect(new Uint8Array(await readFile(join(folder, 'other')))).toEqual(bytes);
  });

  test('of data at other places lie apart, whatever these are called', () => {
    const root = join(folder, 'statistics');
    const [a, b] = [passesFolder(['/a/x.nc'], root), passesFolder(['/b/x.nc'], root)];
    expect(a).not.toBe(b);
    expect(passesFolder(['/b/../a/x.nc'], root)).toBe(a);
    expect(passesFolder(['https://example.org/x.zarr'], root)).not.toBe(passesFolder(['x.zarr'], root));
  });

  test('that were written longest ago go where there is no room', async () => {
    const root = join(folder, 'old statistics');
    const names = ['a', 'b', 'c'];
    for (const [i, name] of names.entries()) {
      await mkdir(join(root, name), { recursive: true });
      await writeFile(join(root, name, key), bytes);
      await utimes(join(root, name, key), 1000 + i, 1000 + i);
    }
    await makeRoom(root, 250);
    const left = await Promise.all(names.map(name => readdir(join(root, name))));
    expect(left).toEqual([[], [key], [key]]);
  });
});
