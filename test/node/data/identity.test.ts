/** By what sources are known, and known to have changed: names, sizes and times, as files, folders and servers tell them. */
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { count } from '../../../src/io/number-text.ts';
import { gridFile } from './fixtures.ts';
import { type Served, serveFiles } from './serve-files.ts';
import { writeZarr } from './write-zarr.ts';
import { weatherStore } from './zarr-fixture.ts';

const { bytes } = gridFile('a.nc');
const whole = new Uint8Array(bytes);
const lastModified = Date.UTC(2020, 1, 3, 4, 5, 6);
const identityOf = async (choice: BoxedChoice) => (await openBoxed(choice)).identity?.();

const servers: Served[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(files: ReadonlyMap<string, Uint8Array>, headers: Readonly<Record<string, string>>) {
  const server = await serveFiles(files, undefined, { headers });
  servers.push(server);
  return server;
}

test('files by their names, sizes and times; packed ones by what is packed', async () => {
  const packed = gzipSync(whole);
  const files = [
    { name: 'a.nc', blob: new File([whole], 'a.nc', { lastModified }) },
    { name: 'b.nc.gz', blob: new File([packed], 'b.nc.gz', { lastModified }) },
  ];
  const [a, b] = await Promise.all(files.map(file => identityOf({ kind: 'files', files: [file] })));
  const time = '2020-02-03T04:05:06.000Z';
  expect(a).toEqual({ name: 'a.nc', stamp: `${count(whole.length)} bytes of ${time}` });
  expect(b).toEqual({ name: 'b.nc', stamp: `${count(packed.length)} bytes of ${time}` });
});

test('files of a server by its mark and its time, and not at all where it tells neither', async () => {
  const time = 'Mon, 03 Feb 2020 04:05:06 GMT';
  const cases: readonly (readonly [Readonly<Record<string, string>>, string | undefined])[] = [
    [{ 'Last-Modified': time, ETag: '"x1"' }, `${count(whole.length)} bytes, of ${time}, marked "x1"`],
    [{ ETag: '"x1"' }, `${count(whole.length)} bytes, marked "x1"`],
    [{}, undefined],
  ];
  for (const [headers, stamp] of cases) {
    const { url } = await serve(new Map([['a.nc', whole]]), headers);
    const identity = await identityOf({ kind: 'files', files: [{ url: `${url}a.nc` }] });
    expect(identity?.stamp).toBe(stamp);
  }
});

test('one of several files that tells nothing, and no file is known', async () => {
  const { url } = await serve(new Map([['b.nc', whole]]), {});
  const files = [{ name: 'a.nc', blob: new File([whole], 'a.nc', { lastModified }) }, { url: `${url}b.nc` }];
  expect(await identityOf({ kind: 'files', files })).toBeUndefined();
});

test('a store by its metadata at an address, and by all of its files in a folder', async () => {
  const written = await writeZarr(weatherStore(2));
  const under = new Map([...written].map(([path, content]) => [`a.zarr/${path}`, content]));
  const { url, paths } = await serve(under, { ETag: '"x2"' });
  const source = await openBoxed({
    kind: 'zarr',
    source: { kind: 'url', url: `${url}a.zarr` },
    selection: {},
  });
  const before = paths.length;
  const metadata = written.get('.zmetadata')!;
  expect(await source.identity?.()).toEqual({
    name: 'a.zarr',
    stamp: `${count(metadata.length)} bytes, marked "x2"`,
  });
  expect(paths.slice(before)).toEqual(['a.zarr/.zmetadata']);

  const files = (newest: number) =>
    new Map(
      Array.from(written, ([path, content], i) => [
        path,
        new File([content], path, { lastModified: i === 9 ? newest : lastModified }),
      ]),
    );
  const folder = (newest: number): BoxedChoice => ({
    kind: 'zarr',
    source: { kind: 'files', name: 'a.zarr', files: files(newest) },
    selection: {},
  });
  const [first, same, other] = await Promise.all(
    [lastModified, lastModified, lastModified + 1000].map(newest => identityOf(folder(newest))),
  );
  expect(first?.stamp).toMatch(
    new RegExp(`^${written.size} files, .* bytes of 2020-02-03T04:05:06\\.000Z, marked [0-9a-f]{8}$`),
  );
  expect(same).toEqual(first);
  expect(other?.stamp).not.toBe(first?.stamp);
});
