import { expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { weatherBench2Stores } from '../../../src/data/choice/weatherbench2.ts';
import { readZarr } from '../../../src/data/zarr/read.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { writeZarr } from '../../node/data/write-zarr.ts';
import { geopotential, weatherStore } from '../../node/data/zarr-fixture.ts';

it('reads a store of another site that allows it', async () => {
  const url = await commands.serveStore(true);
  const store = await openZarr({ kind: 'url', url });
  const { dataset } = await readZarr(store, {});
  await commands.closeStore(url);
  const c = store.fields.findIndex(({ channel }) => channel.levelHPa === 850);
  expect(dataset.values[((6 * 4 + c) * 5 + 2) * 4 + 3]).toBe(geopotential(6, 1, 2, 3));
});

it('tells what to do where the server does not allow it', async () => {
  const url = await commands.serveStore(false);
  const message = await openZarr({ kind: 'url', url }).then(() => 'no error', String);
  await commands.closeStore(url);
  const { host } = new URL(url);
  expect(message.startsWith(`DataError: ${url}/.zmetadata cannot be read from this page (`)).toBe(true);
  expect(message).toContain(`the server at ${host} does not allow pages of other sites to read it`);
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
