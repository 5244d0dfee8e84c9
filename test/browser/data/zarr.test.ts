import { expect, it } from 'vitest';
import { weatherBench2Stores } from '../../../src/data/weatherbench2.ts';
import { openZarr } from '../../../src/data/zarr.ts';
import { readZarr } from '../../../src/data/zarr-read.ts';
import { writeZarr } from '../../node/data/write-zarr.ts';
import { geopotential, weatherStore } from '../../node/data/zarr-fixture.ts';

it('tells what to do where a server keeps other sites from reading', async () => {
  // No server listens there, which a page cannot tell from one that refuses: the browser fails both alike.
  const url = 'http://127.0.0.1:9/weather.zarr';
  const message = await openZarr({ kind: 'url', url }).then(() => 'no error', String);
  expect(message).toMatch(
    /^DataError: http:\/\/127\.0\.0\.1:9\/weather\.zarr\/\.zmetadata cannot be read from this page \(.*\): /,
  );
  expect(message).toContain('the server at 127.0.0.1:9 does not allow pages of other sites to read it');
  expect(message).toContain('download the store and choose its folder');
});

it('names the way round for the stores of WeatherBench 2', async () => {
  // Nothing is fetched: the page's own fetch fails as it would on a server without the header.
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.reject(new TypeError('Failed to fetch'));
  const message = await openZarr({ kind: 'url', url: weatherBench2Stores['64x32'] })
    .then(() => 'no error', String)
    .finally(() => {
      globalThis.fetch = fetch;
    });
  expect(message).toContain('the server at storage.googleapis.com does not allow');
  expect(message).toContain(
    'start Isobar with npm start and use /weatherbench2/datasets/era5/1959-2023_01_10-6h-64x32_equiangular_conservative.zarr',
  );
});

it.each([2, 3] as const)('reads a folder of the directory picker, version %i', async format => {
  // The private file system of the page has handles of the same kind as the picker gives.
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(`weather-${format}.zarr`, { create: true });
  for (const [path, bytes] of await writeZarr(weatherStore(format, {}, { consolidated: false }))) {
    const names = path.split('/');
    let parent = folder;
    for (const name of names.slice(0, -1)) parent = await parent.getDirectoryHandle(name, { create: true });
    const file = await (await parent.getFileHandle(names.at(-1)!, { create: true })).createWritable();
    await file.write(bytes);
    await file.close();
  }
  const store = await openZarr({ kind: 'folder', folder });
  const channels = store.fields
    .filter(({ channel }) => channel.levelHPa === 850)
    .map(({ channel }) => channel);
  const { dataset, bytesRead } = await readZarr(store, { channels, statics: [] });
  await root.removeEntry(folder.name, { recursive: true });
  expect(dataset.values[(4 * 5 + 2) * 4 + 3]).toBe(geopotential(4, 1, 2, 3));
  expect(bytesRead).toBeGreaterThan(0);
});
