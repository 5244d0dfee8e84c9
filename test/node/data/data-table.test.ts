/** The table of `docs/data.md`: every case is a row of it, what it names is there, and its words in quotes are what the readers say. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BoxedChoice, ZarrChoice } from '../../../src/data/choice/choice.ts';
import { loadDataset } from '../../../src/data/load.ts';
import cases from '../../fixtures/cases/cases.json' with { type: 'json' };
import { asXarrayReads, caseChoice } from './case-files.ts';
import { gridFile } from './fixtures.ts';
import { serveFiles } from './serve-files.ts';
import { writeHdf5, writeOtherwisePacked } from './write-hdf5.ts';
import { writeNetcdf } from './write-netcdf.ts';
import { writeZarr, type ZarrFixture } from './write-zarr.ts';
import { weatherArrays, weatherStore } from './zarr-fixture.ts';

interface Row {
  readonly what: string;
  readonly text: string;
  /** Words that are said where it is refused. */
  readonly quotes: readonly string[];
  /** Files and tests that are named. */
  readonly named: readonly string[];
  readonly against: string;
}

const place = (path: string) => new URL(`../../../${path}`, import.meta.url);

const rows: readonly Row[] = readFileSync(place('docs/data.md'), 'utf8')
  .split('## What is read, and what is refused')[1]
  .split('\n## ')[0]
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| **') && !line.startsWith('| what |'))
  .map(line => {
    const [what, text, named, against] = line
      .split('|')
      .slice(1, 5)
      .map(cell => cell.trim());
    const quotes = [...text.matchAll(/"([^"]+)"/g)].map(([, words]) => words.replaceAll("'", '"'));
    return { what, text, quotes, named: [...named.matchAll(/`([^`]+)`/g)].map(([, name]) => name), against };
  });

const erring = new Map(
  Object.entries(cases).flatMap(([name, expected]) => ('error' in expected ? [[name, expected.error]] : [])),
);
const hasCase = ({ named }: Row) => named.find(name => erring.has(name));

const files = (...given: readonly { name: string; bytes: BlobPart }[]): BoxedChoice => ({
  kind: 'files',
  files: given.map(({ name, bytes }) => ({ name, blob: new Blob([bytes]) })),
});
const text = (name: string, words: string) => files({ name, bytes: words });
const zarr = async (fixture: ZarrFixture): Promise<ZarrChoice> => ({
  kind: 'zarr',
  selection: {},
  source: {
    kind: 'files',
    name: 'weather.zarr',
    files: new Map([...(await writeZarr(fixture))].map(([path, bytes]) => [path, new Blob([bytes])])),
  },
});

const field = (values: readonly number[], attributes = {}) => ({
  slp: {
    dimensions: ['time', 'lat', 'lon'],
    values: values.flatMap(v => Array<number>(6).fill(v)),
    attributes,
  },
});

const [time, ...points] = [
  { dimensions: ['time'], attributes: { units: 'days since 2001-01-01' }, values: [0, 1] },
  { dimensions: ['cell'], attributes: { units: 'degrees_north' }, values: [1, 2, 3] },
  { dimensions: ['cell'], attributes: { units: 'degrees_east' }, values: [1, 2, 3] },
];
const onAxes = (standard: readonly [string, string]) => {
  const [y, x] = standard.map((standard_name, i) => ({
    dimensions: [i === 0 ? 'y' : 'x'],
    attributes: { standard_name, axis: i === 0 ? 'Y' : 'X', units: 'degrees' },
    values: [0, 1],
  }));
  return writeNetcdf({
    dimensions: { time: 2, y: 2, x: 2 },
    variables: { time, y, x, t: { dimensions: ['time', 'y', 'x'], values: Array<number>(8).fill(0) } },
  });
};

/** Of every row with words and without a case something that they are said of; of several words in their order. */
const said: Readonly<Record<string, readonly (() => BoxedChoice | Promise<BoxedChoice>)[]>> = {
  'HDF5 packed otherwise (szip, Blosc)': [
    async () => files({ name: 'a.nc', bytes: await writeOtherwisePacked() }),
  ],
  'a file cut off or damaged': [
    () => files({ name: 'a.nc', bytes: gridFile('a.nc').bytes.slice(0, -4) }),
    async () => files({ name: 'a.nc', bytes: (await writeHdf5()).slice(0, 3000) }),
  ],
  'Zarr: other codecs': [() => zarr(weatherStore(2, {}, { codec: 'pcodec' }))],
  GRIB: [() => text('a.grib', 'GRIB\0\0\0\x02')],
  HDF4: [() => files({ name: 'a.hdf', bytes: Uint8Array.of(14, 3, 19, 1, 0, 0, 0, 0) })],
  'anything else': [() => text('a.nc', '%PDF-1.7')],
  'chunks that a store lacks, and no fill value': [
    () => {
      const { geopotential, ...rest } = weatherArrays();
      return zarr({
        format: 2,
        arrays: { ...rest, geopotential: { ...geopotential, fill: null, absent: ['1.0.0.0'] } },
      });
    },
  ],
  'a variable of which nothing is known': [
    () => files(gridFile('a.nc', { variables: field([-9, -9, -9, -9], { missing_value: -9 }) })),
  ],
  'other calendars': [
    () => {
      const { bytes } = gridFile('a.nc', {
        variables: {
          ...field([0, 1, 2, 3]),
          time: {
            dimensions: ['time'],
            attributes: { units: 'days since 2001-01-01', calendar: 'lunar' },
            values: [0, 1, 2, 3],
          },
        },
      });
      return files({ name: 'a.nc', bytes });
    },
  ],
  'other units, and numbers without a date': [() => files(gridFile('a.nc', { timeUnits: 'days' }))],
  'a time that repeats': [
    () => files(gridFile('a.nc', { times: [0, 1, 2, 0], variables: field([1, 2, 3, 4]) })),
  ],
  'steps of no one length': [() => files(gridFile('a.nc', { times: [0, 1, 2, 3.5, 4.5] }))],
  'no time, or one': [
    () => files({ name: 'a.nc', bytes: writeNetcdf(timeless) }),
    () => files(gridFile('a.nc', { times: [0] })),
  ],
  'a rotated pole or a projection, whose rows are no latitudes': [
    () => files({ name: 'a.nc', bytes: onAxes(['grid_latitude', 'grid_longitude']) }),
  ],
  'points in a list (unstructured meshes, stations)': [
    () =>
      files({
        name: 'a.nc',
        bytes: writeNetcdf({
          dimensions: { time: 2, cell: 3 },
          variables: {
            time,
            lat: points[0],
            lon: points[1],
            t: { dimensions: ['time', 'cell'], values: [0, 0, 0, 0, 0, 0] },
          },
        }),
      }),
  ],
};

const timeless = {
  dimensions: { lat: 2, lon: 3 },
  variables: {
    lat: { dimensions: ['lat'], attributes: { units: 'degrees_north' }, values: [1, 2] },
    lon: { dimensions: ['lon'], attributes: { units: 'degrees_east' }, values: [1, 2, 3] },
    orog: { dimensions: ['lat', 'lon'], values: [0, 0, 0, 0, 0, 0] },
  },
};

const messageOf = (choice: BoxedChoice) =>
  loadDataset(choice).then(
    () => 'it was read',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const BEHIND_ADDRESS = 'a Zarr store at an address without consolidated metadata';

describe('the table of what is read and what is refused', () => {
  it('has a row for every case, once', () => {
    const named = rows.flatMap(row => row.named.filter(name => name in cases));
    expect(new Set(named)).toEqual(new Set(Object.keys(cases)));
  });

  it('names tests and files that are there', () => {
    const tests = new Set(
      readdirSync(place('test/node'), { recursive: true, encoding: 'utf8' }).map(path =>
        path.replace(/.*\//, ''),
      ),
    );
    const unknown = rows
      .flatMap(({ named }) => named)
      .filter(name => !(name in cases || tests.has(name) || name.startsWith('npm run ')));
    expect(unknown).toEqual([]);
  });

  it('says xarray of the cases that are held against it, and of no other', () => {
    const byXarray = rows
      .filter(({ against }) => /^xarray/.test(against))
      .flatMap(({ named }) => named.filter(name => name in cases));
    expect([...new Set(byXarray)].sort()).toEqual([...asXarrayReads].sort());
  });

  it('has words for what is refused, and something that they are said of', () => {
    for (const name of erring.keys()) {
      expect([name, rows.find(({ named }) => named.includes(name))?.quotes.length]).not.toEqual([name, 0]);
    }
    const others = rows.filter(row => row.quotes.length > 0 && !hasCase(row) && row.what !== BEHIND_ADDRESS);
    expect(others.map(({ what }) => what).sort()).toEqual(Object.keys(said).sort());
  });

  it.each(rows.filter(hasCase).map(row => [row.what, row] as const))('%s: as it is said', async (_, row) => {
    const message = await messageOf(caseChoice(hasCase(row)!));
    expect(message).toMatch(/^DataError: /);
    for (const words of row.quotes) expect(message).toContain(words);
  });

  it.each(Object.entries(said))('%s: as it is said', async (what, made) => {
    const { quotes } = rows.find(row => row.what === what)!;
    const messages = await Promise.all(made.map(async choice => messageOf(await choice())));
    for (const message of messages) expect(message).toMatch(/^DataError: /);
    quotes.forEach((words, i) => {
      expect(messages[Math.min(i, messages.length - 1)]).toContain(words);
    });
  });

  it(`${BEHIND_ADDRESS}: as it is said`, async () => {
    const served = await serveFiles(await writeZarr(weatherStore(2, {}, { consolidated: false })));
    const source = { kind: 'url', url: `${served.url}weather.zarr` } as const;
    const message = await messageOf({ kind: 'zarr', source: { ...source, url: served.url }, selection: {} });
    await served.close();
    expect(message).toContain(rows.find(({ what }) => what === BEHIND_ADDRESS)!.quotes[0]);
  });
});
