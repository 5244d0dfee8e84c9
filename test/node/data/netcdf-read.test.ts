import { describe, expect, it } from 'vitest';
import { datasetFromNetcdf } from '../../../src/data/netcdf/dataset.ts';
import { openNetcdfFiles, readNetcdfBox } from '../../../src/data/netcdf/read.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import { serveFiles } from './serve-files.ts';
import { writeNetcdf } from './write-netcdf.ts';

const STEPS = 6;
const LEVELS = [850, 500];
const ROWS = 60;
const COLUMNS = 40;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
/** Two hundred and odd, so that both packed shorts and floats hold it. */
const fill = (size: number) =>
  Float32Array.from({ length: size }, (_, i) => (i % 997 === 5 ? -999 : i % 1000));

/** Records of a surface field and of one on two levels, packed, after a long header and a fixed field. */
function weather(name: string, start: number) {
  const bytes = writeNetcdf({
    dimensions: { time: 0, level: LEVELS.length, lat: ROWS, lon: COLUMNS },
    records: STEPS,
    variables: {
      time: {
        dimensions: ['time'],
        type: 'double',
        attributes: { units: 'hours since 2001-01-01', history: 'x'.repeat(20_000) },
        values: range(STEPS).map(t => 6 * (start + t)),
      },
      level: { dimensions: ['level'], attributes: { units: 'hPa' }, values: LEVELS },
      lat: {
        dimensions: ['lat'],
        attributes: { units: 'degrees_north' },
        values: range(ROWS).map(y => 60 - y),
      },
      lon: { dimensions: ['lon'], attributes: { units: 'degrees_east' }, values: range(COLUMNS) },
      orography: { dimensions: ['lat', 'lon'], values: fill(ROWS * COLUMNS) },
      slp: {
        dimensions: ['time', 'lat', 'lon'],
        attributes: { missing_value: -999 },
        values: fill(STEPS * ROWS * COLUMNS),
      },
      z: {
        dimensions: ['time', 'level', 'lat', 'lon'],
        type: 'short',
        attributes: { scale_factor: 2, add_offset: 100, missing_value: -999 },
        values: fill(STEPS * LEVELS.length * ROWS * COLUMNS),
      },
    },
  });
  return { name, bytes };
}

const files = [weather('a.nc', 0), weather('b.nc', STEPS)];
const total = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
const blobs = files.map(({ name, bytes }) => ({ name, blob: new Blob([bytes]) }));
const whole = datasetFromNetcdf(files);

describe('a box of NetCDF files', () => {
  it.each<[string, DataBox]>([
    ['all of it', { channels: [0, 1, 2], statics: [0], latitudeFrom: 0, latitudeTo: ROWS }],
    ['some rows', { channels: [0, 1, 2], statics: [0], latitudeFrom: 10, latitudeTo: 17 }],
    ['one level', { channels: [2], statics: [], latitudeFrom: 50, latitudeTo: 60 }],
    [
      'channels in another order, of some steps',
      { channels: [2, 0], statics: [], latitudeFrom: 0, latitudeTo: 1, timeFrom: 4, timeTo: 9 },
    ],
    ['no rows', { channels: [0], statics: [], latitudeFrom: 60, latitudeTo: 60 }],
  ])('has the values of the whole: %s', async (_, box) => {
    const { dataset } = await readNetcdfBox(await openNetcdfFiles(blobs), box);
    expect(dataset).toEqual(sliceDataset(whole, box));
  });

  it('takes its own bytes, and few more', async () => {
    const opened = await openNetcdfFiles(blobs);
    // Headers of 20 kB, read in two attempts, and the axes; a time of each record is a read of its own.
    const header = opened.count.bytes;
    expect(header).toBeLessThan(2 * 90_000);
    const box = { channels: [0, 1, 2], statics: [], latitudeFrom: 10, latitudeTo: 16 };
    const { bytesRead } = await readNetcdfBox(opened, box);
    // A tenth of every field of 4, 2 and 2 bytes a value; gaps of up to 4 kB may be read with them.
    expect(bytesRead).toBeGreaterThanOrEqual(2 * STEPS * 6 * COLUMNS * (4 + 2 + 2));
    expect(bytesRead).toBeLessThan(total / 5);
    expect(opened.count.bytes).toBe(header + bytesRead);
  });

  it.each([true, 'many', false] as const)(
    'is read from a server, whether it answers ranges (%s) or not',
    async ranges => {
      const server = await serveFiles(new Map([['a.nc', new Uint8Array(files[0].bytes)]]), undefined, {
        ranges,
      });
      const opened = await openNetcdfFiles([{ url: `${server.url}a.nc` }]);
      const box = { channels: [1], statics: [0], latitudeFrom: 3, latitudeTo: 9 };
      const before = opened.count.requests;
      const { dataset } = await readNetcdfBox(opened, box);
      expect(dataset).toEqual({ ...sliceDataset(datasetFromNetcdf([files[0]]), box), source: 'a.nc' });
      expect(opened.count.bytes).toBe(server.sent);
      if (ranges === 'many') expect(opened.count.requests).toBe(before + 1);
      if (ranges === true) expect(opened.count.requests).toBeGreaterThan(before + 1);
      if (ranges) expect(server.sent).toBeLessThan(files[0].bytes.byteLength);
      await server.close();
    },
  );

  it.each<[string, () => Parameters<typeof openNetcdfFiles>[0], RegExp]>([
    ['no file', () => [], /^DataError: No file was given/],
    [
      'a cut file',
      () => [{ name: 'cut.nc', blob: blobs[0].blob.slice(0, 60_000) }],
      /^DataError: cut\.nc is truncated: its variable/,
    ],
    [
      'a cut header',
      () => [{ name: 'cut.nc', blob: blobs[0].blob.slice(0, 18_000) }],
      /^DataError: cut\.nc is truncated: its header/,
    ],
    ['a file twice', () => [blobs[0], blobs[0]], /^DataError: Two files have the same name/],
  ])('is refused: %s', async (_, sources, message) => {
    expect(await openNetcdfFiles(sources()).then(() => 'no error', String)).toMatch(message);
  });

  it('of a file that the server does not have is refused', async () => {
    const server = await serveFiles(new Map());
    expect(await openNetcdfFiles([{ url: `${server.url}a.nc` }]).then(() => 'no error', String)).toMatch(
      /^DataError: The server does not have http.*a\.nc/,
    );
    await server.close();
  });
});
