/** Zarr stores are read as they were written: whole, in boxes, cut to what is named. */
import { describe, expect, it } from 'vitest';
import { pathsInFolder } from '../../../src/data/choice/folder.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import { readZarr } from '../../../src/data/zarr/read.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { writeZarr, type ZarrFixture } from './write-zarr.ts';
import { landMask, weatherArrays, weatherStore } from './zarr-fixture.ts';
import { channel, grid, messageOf, selection, served, truth } from './zarr-served.ts';

const stores: readonly (readonly [string, ZarrFixture])[] = [
  ['version 2, blosc', weatherStore(2)],
  ['version 2, not consolidated', weatherStore(2, {}, { consolidated: false })],
  ['version 3, zstd', weatherStore(3)],
  ['version 3, not consolidated', weatherStore(3, {}, { consolidated: false })],
  ['version 3, shards', weatherStore(3, { time: 4, level: 3 }, { shards: [2, 3, 1, 1] })],
];

describe('a Zarr store', () => {
  it.each(stores)('is read whole as it was written: %s', async (_, fixture) => {
    const { source } = await served(fixture);
    const store = await openZarr(source, selection);
    const { dataset } = await readZarr(store, selection);
    expect(dataset).toEqual(truth);
  });

  it.each(stores)('is read in boxes: %s', async (_, fixture) => {
    const { source } = await served(fixture);
    const store = await openZarr(source, selection);
    const boxes: DataBox[] = [
      { channels: [0, 2], statics: [0], latitudeFrom: 1, latitudeTo: 4, timeFrom: 2, timeTo: 7 },
      { channels: [3, 1], statics: [], latitudeFrom: 4, latitudeTo: 5 },
      { channels: [], statics: [0], latitudeFrom: 0, latitudeTo: 2 },
      { channels: [1], statics: [], latitudeFrom: 5, latitudeTo: 5 },
    ];
    for (const box of boxes) {
      expect((await readZarr(store, selection, box)).dataset).toEqual(sliceDataset(truth, box));
    }
  });

  it('says what it holds without reading a field', async () => {
    const { source, server } = await served(weatherStore(2));
    const store = await openZarr(source);
    expect(store.fields.map(({ channel }) => channel.name)).toEqual([
      '2m_temperature',
      'geopotential500',
      'geopotential850',
      'geopotential1000',
    ]);
    expect(store.statics.map(({ channel }) => channel.name)).toEqual(['land_sea_mask']);
    expect(store.fields.find(({ channel }) => channel.levelHPa === 500)?.channel.longName).toBe(
      'Geopotential at 500 hPa',
    );
    expect(server.paths.map(path => path.replace('weather.zarr/', '')).sort()).toEqual([
      '.zmetadata',
      'latitude/0',
      'level/0',
      'longitude/0',
      'time/0',
      'time/1',
    ]);
  });

  it.each([true, false])('is cut to the variables that are named (consolidated: %s)', async consolidated => {
    const { source, server } = await served(weatherStore(2, {}, { consolidated }));
    const part = { variables: ['geopotential', 'land_sea_mask'] };
    const { dataset } = await readZarr(await openZarr(source, part), part);
    expect(dataset.channels.map(({ name }) => name)).toEqual([
      'geopotential500',
      'geopotential850',
      'geopotential1000',
    ]);
    expect(dataset.statics.map(({ channel }) => channel.name)).toEqual(['land_sea_mask']);
    // Of a store that was opened whole, too.
    if (consolidated) expect((await readZarr(await openZarr(source), part)).dataset).toEqual(dataset);
    expect(server.paths.some(path => path.includes('2m_temperature/0'))).toBe(false);
  });

  it('is cut at dates', async () => {
    const { source, server } = await served(weatherStore(2));
    const dates = { ...selection, from: '2018-01-01T12:00Z', to: '2018-01-02' };
    const store = await openZarr(source);
    const opening = server.paths.length;
    const { dataset } = await readZarr(store, dates);
    expect(dataset.times).toEqual(truth.times.slice(2, 4));
    // Steps 2 and 3 lie in two chunks of each field; the static has one.
    expect(server.paths.length - opening).toBe(5);
  });

  it('is unpacked', async () => {
    const arrays = weatherArrays();
    const packed = { ...arrays['2m_temperature'], value: (t: number) => (t === 1 ? -9 : t) };
    const attributes = { scale_factor: 2, add_offset: 5, _FillValue: -9 };
    const { source } = await served({
      format: 2,
      arrays: { ...arrays, '2m_temperature': { ...packed, attributes, fill: -9 } },
    });
    const one = { channels: [channel('t', '2m_temperature')], statics: [] };
    const { dataset } = await readZarr(await openZarr(source), one);
    expect([0, 1, 2].map(t => dataset.values[t * 20])).toEqual([5, Number.NaN, 9]);
  });

  it.each([2, 3] as const)('of truths is ones and zeros, version %i', async format => {
    const arrays = weatherArrays();
    const fixture = weatherStore(
      format,
      {},
      {
        arrays: {
          ...arrays,
          land_sea_mask: {
            ...arrays.land_sea_mask,
            type: 'bool',
            chunks: [1, 5],
            fill: true,
            absent: ['2.0'],
          },
        },
      },
    );
    const { source } = await served(fixture);
    const { dataset } = await readZarr(await openZarr(source, selection), selection);
    // The longitude whose chunk is left out is not known.
    expect(dataset.statics[0].values).toEqual(grid((y, x) => (x === 2 ? Number.NaN : landMask(y, x))));
  });

  it('in a folder that the user chose needs no server', async () => {
    const files = await writeZarr(weatherStore(2, {}, { consolidated: false }));
    // As an input of a folder gives them: every path begins with the folder.
    const chosen = [...files].map(([path, bytes]) =>
      Object.defineProperty(new File([bytes], path.split('/').at(-1)!), 'webkitRelativePath', {
        value: `weather.zarr/${path}`,
      }),
    );
    const store = await openZarr({ kind: 'files', name: 'weather.zarr', files: pathsInFolder(chosen) });
    expect((await readZarr(store, selection)).dataset).toEqual(truth);
  });

  it('chunks that are not there are missing and counted, or an error where no fill value says that they may be', async () => {
    const arrays = weatherArrays();
    const holed = (fill: 'NaN' | 0 | null) => ({
      ...weatherStore(2),
      arrays: { ...arrays, '2m_temperature': { ...arrays['2m_temperature'], fill, absent: ['1.0.0'] } },
    });
    for (const fill of ['NaN', 0] as const) {
      const { source } = await served(holed(fill));
      const { dataset, absentChunks } = await readZarr(await openZarr(source), selection);
      expect([2, 3, 5, 6].map(t => dataset.values[t * 80])).toEqual([202, Number.NaN, Number.NaN, 206]);
      expect(absentChunks).toBe(1);
    }
    expect(await messageOf(holed(null))).toBe(
      'DataError: weather.zarr lacks 1 chunk(s) of 2m_temperature (/2m_temperature/1.0.0), and names no fill value for them. Download it again.',
    );
  });
});
