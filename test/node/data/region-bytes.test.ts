/** What is read of a region: of a file its own bytes, of a store and of HDF5 the chunks that it touches, and nothing else. */
import { afterAll, describe, expect, test } from 'vitest';
import type { DataPart, Region } from '../../../src/data/choice/part.ts';
import { chosenSource } from '../../../src/data/chosen-source.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { rangedSource, writeHdf5 } from './chunked-hdf5.ts';
import { type Served, serveFiles } from './serve-files.ts';
import { writeNetcdf } from './write-netcdf.ts';
import { writeZarr } from './write-zarr.ts';

const STEPS = 6;
const ROWS = 12;
/** Rows of 8 kB: what lies between those of a region is more than a request costs. */
const COLUMNS = 2048;
const latitude = Array.from({ length: ROWS }, (_, y) => 82.5 - 15 * y);
const longitude = Array.from({ length: COLUMNS }, (_, x) => (360 * x) / COLUMNS);
const value = (t: number, y: number, x: number) => 1e5 * t + 5000 * y + x;

const axes = {
  time: { dimensions: ['time'], attributes: { units: 'days since 2001-01-01' }, values: [0, 1, 2, 3, 4, 5] },
  lat: { dimensions: ['lat'], attributes: { units: 'degrees_north' }, values: latitude },
  lon: { dimensions: ['lon'], attributes: { units: 'degrees_east' }, values: longitude },
};
const all = Float32Array.from({ length: STEPS * ROWS * COLUMNS }, (_, i) =>
  value(Math.floor(i / (ROWS * COLUMNS)), Math.floor(i / COLUMNS) % ROWS, i % COLUMNS),
);
const file = writeNetcdf({
  dimensions: { time: STEPS, lat: ROWS, lon: COLUMNS },
  variables: {
    time: { ...axes.time, type: 'double' },
    lat: { ...axes.lat, type: 'double' },
    lon: { ...axes.lon, type: 'double' },
    t: { dimensions: ['time', 'lat', 'lon'], values: [...all] },
  },
});
const store = await writeZarr({
  format: 2,
  arrays: {
    ...Object.fromEntries(
      Object.entries(axes).map(([name, { dimensions, attributes, values }]) => [
        name,
        { dimensions, attributes, shape: [values.length], chunks: [values.length], value: i => values[i] },
      ]),
    ),
    t: {
      dimensions: ['time', 'lat', 'lon'],
      shape: [STEPS, ROWS, COLUMNS],
      chunks: [2, 4, 256],
      value,
    },
  },
});

let server: Served;
const serve = async (files: ReadonlyMap<string, Uint8Array>) => {
  server = await serveFiles(files);
  return server;
};
afterAll(() => server.close());

/** Rows 3 to 5; columns of half a chunk, and of a quarter on each side of the date line. */
const regions: readonly (readonly [string, Region, readonly number[]])[] = [
  ['inland', { west: 22.5, south: 5, east: 44.9, north: 40 }, Array.from({ length: 128 }, (_, i) => 128 + i)],
  [
    'across the date line',
    { west: 168.75, south: 5, east: -168.8, north: 40 },
    Array.from({ length: 128 }, (_, i) => 960 + i),
  ],
  [
    'across the seam of the data',
    { west: -11.25, south: 5, east: 11.2, north: 40 },
    Array.from({ length: 128 }, (_, i) => (1984 + i) % COLUMNS),
  ],
];
const expected = (columns: readonly number[], steps: readonly number[]) =>
  steps.flatMap(t => [3, 4, 5].flatMap(y => columns.map(x => value(t, y, x))));
/** Two records, as a rank reads them. */
const box = { channels: [0], statics: [], latitudeFrom: 0, latitudeTo: 3, timeFrom: 2, timeTo: 4 };

describe.each(regions)('a region %s', (_, region, columns) => {
  const part: DataPart = { region };

  test('reads the bytes of its own points of a file, and no others', async () => {
    const { url } = await serve(new Map([['a.nc', new Uint8Array(file)]]));
    const source = await openBoxed({ kind: 'files', files: [{ url: `${url}a.nc` }], part });
    const before = server.sent;
    const { dataset, bytesRead } = await source.read(box);
    expect([...dataset.values]).toEqual(expected(columns, [2, 3]));
    expect(bytesRead).toBe(2 * 3 * columns.length * 4);
    expect(server.sent - before).toBe(bytesRead);
    await server.close();
  });

  test('reads the chunks of a store that it touches, each once', async () => {
    const { url } = await serve(new Map([...store].map(([path, bytes]) => [`a.zarr/${path}`, bytes])));
    const names = ['t', 'time', 'lat', 'lon'];
    const place = { kind: 'url', url: `${url}a.zarr`, names } as const;
    const source = await openBoxed({ kind: 'zarr', source: place, selection: part });
    server.paths.length = 0;
    const { dataset } = await source.read(box);
    expect([...dataset.values]).toEqual(expected(columns, [2, 3]));
    const touched = [...new Set(columns.map(x => Math.floor(x / 256)))];
    const keys = touched.flatMap(x => [0, 1].map(y => `a.zarr/t/1.${y}.${x}`));
    expect(server.paths.toSorted()).toEqual(keys.toSorted());
    await server.close();
  });

  test('unpacks the chunks of HDF5 that it touches', async () => {
    const bytes = await writeHdf5({ axes: Object.values(axes), values: all, chunks: [6, 6, 512] });
    const { source, count } = await rangedSource('a.nc', bytes);
    const chosen = chosenSource(source, part);
    const before = count.bytes;
    const { dataset } = await chosen.read(box);
    expect([...dataset.values]).toEqual(expected(columns, [2, 3]));
    // One or two of eight chunks of 72 kB, and where they lie.
    const chunks = new Set(columns.map(x => Math.floor(x / 512))).size;
    const read = count.bytes - before;
    expect(read).toBeGreaterThan(chunks * 73_728);
    expect(read).toBeLessThan(chunks * 73_728 + 2 ** 17);
  });
});

test('points that are thinned within a region are read with those between, not one by one', async () => {
  const { url } = await serve(new Map([['a.nc', new Uint8Array(file)]]));
  const part = { region: regions[1][1], thin: { points: 2 } };
  const source = await openBoxed({ kind: 'files', files: [{ url: `${url}a.nc` }], part });
  const before = server.paths.length;
  const { dataset } = await source.read({ ...box, latitudeTo: 1 });
  expect([...dataset.values]).toEqual(
    [2, 3].flatMap(t => regions[1][2].filter((_, i) => i % 2 === 0).map(x => value(t, 3, x))),
  );
  expect(server.paths.length - before).toBe(2);
});
