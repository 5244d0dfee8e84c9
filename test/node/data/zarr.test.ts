import { afterEach, describe, expect, it } from 'vitest';
import type { ZarrSelection } from '../../../src/data/choice/choice.ts';
import { pathsInFolder } from '../../../src/data/choice/folder.ts';
import type { Channel, Dataset } from '../../../src/data/dataset.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import { readZarr, wholeBox } from '../../../src/data/zarr/read.ts';
import type { ZarrSource } from '../../../src/data/zarr/source.ts';
import { describeSplit } from '../../../src/data/zarr/split.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { type Served, serveFiles } from './serve-files.ts';
import { writeZarr, type ZarrFixture } from './write-zarr.ts';
import {
  geopotential,
  LATITUDE,
  landMask,
  STEPS,
  temperature,
  weatherArrays,
  weatherStore,
} from './zarr-fixture.ts';

const channel = (name: string, variable: string, levelHPa?: number): Channel => ({
  name,
  longName: name,
  units: 'x',
  variable,
  levelHPa,
});
/** Levels from below, as a model wants them, after a surface field. */
const selection: ZarrSelection = {
  channels: [
    channel('t2m', '2m_temperature'),
    ...[1000, 850, 500].map(p => channel(`z${p}`, 'geopotential', p)),
  ],
  statics: [channel('lsm', 'land_sea_mask')],
};

/** The selection by the functions that the store was written from. */
const truth: Dataset = {
  source: 'weather.zarr',
  synthetic: false,
  channels: selection.channels!,
  statics: [{ channel: selection.statics![0], values: grid((y, x) => landMask(y, x)) }],
  latitude: Float64Array.from(LATITUDE),
  longitude: Float64Array.of(0, 90, 180, 270),
  periodic: true,
  times: Float64Array.from({ length: STEPS }, (_, t) => Date.UTC(2018, 0, 1) + t * 6 * 3_600_000),
  stepHours: 6,
  calendar: 'proleptic_gregorian',
  values: Float32Array.from(
    Array.from({ length: STEPS }, (_, t) => [
      ...grid((y, x) => temperature(t, y, x)),
      ...[2, 1, 0].flatMap(level => [...grid((y, x) => geopotential(t, level, y, x))]),
    ]).flat(),
  ),
  hasMissing: true,
};

function grid(value: (y: number, x: number) => number): Float32Array {
  return Float32Array.from({ length: 20 }, (_, p) => value(Math.floor(p / 4), p % 4));
}

const servers: Served[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function served(fixture: ZarrFixture, answer?: Parameters<typeof serveFiles>[1]) {
  const files = await writeZarr(fixture);
  const under = new Map([...files].map(([path, bytes]) => [`weather.zarr/${path}`, bytes]));
  const server = await serveFiles(under, answer);
  servers.push(server);
  return { server, files, source: { kind: 'url', url: `${server.url}weather.zarr` } satisfies ZarrSource };
}

async function failure(action: Promise<unknown>): Promise<string> {
  return action.then(() => 'no error', String);
}

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
});

describe('the bytes read', () => {
  const halves = (rows: number): DataBox[] =>
    Array.from({ length: rows }, (_, r) => ({
      channels: [0, 1, 2, 3],
      statics: [],
      latitudeFrom: Math.floor((r * 5) / rows),
      latitudeTo: Math.floor(((r + 1) * 5) / rows),
    }));

  it('are those that the server sent', async () => {
    const { source, server } = await served(weatherStore(2));
    const store = await openZarr(source, selection);
    const opening = server.sent;
    expect(store.count).toEqual({ bytes: opening, requests: server.paths.length });
    const { bytesRead } = await readZarr(store, selection);
    expect(bytesRead).toBe(server.sent - opening);
    expect(bytesRead).toBeGreaterThan(0);
  });

  it('fall with the mesh where chunks lie within ranks, and not where they span them', async () => {
    const bytesOf = async (chunks: Parameters<typeof weatherStore>[1], boxes: readonly DataBox[]) => {
      const { source } = await served(weatherStore(2, chunks));
      const store = await openZarr(source, selection);
      const all = [];
      for (const box of boxes) all.push((await readZarr(store, selection, box)).bytesRead);
      return { each: all, whole: (await readZarr(store, selection, halves(1)[0])).bytesRead };
    };
    const spanning = await bytesOf({}, halves(2));
    expect(spanning.each).toEqual([spanning.whole, spanning.whole]);
    // Five ranks of a latitude each, and chunks of one latitude.
    const fitting = await bytesOf({ latitude: 1 }, halves(5));
    expect(fitting.each.reduce((a, b) => a + b)).toBe(fitting.whole);
  });

  it('are told before they are read', async () => {
    const { source } = await served(weatherStore(2));
    const spanning = describeSplit(await openZarr(source), selection, halves(2));
    // 4 chunks of 3 steps: 3 levels and one level of 20 points.
    expect(spanning.distinct).toEqual({ chunks: 8, bytes: 4 * 3 * (3 + 1) * 20 * 4 });
    expect(spanning.ranks).toEqual([spanning.distinct, spanning.distinct]);
    expect(spanning.notes).toEqual([
      'A chunk of 2m_temperature holds 3 steps and the whole map (240\u00a0B), and is read twice.',
      'A chunk of geopotential holds 3 steps, all 3 levels and the whole map (720\u00a0B), and is read twice.',
      'Together the ranks read twice as much as one would: smaller chunks along the axes that the mesh cuts would save that.',
    ]);

    const { source: fine } = await served(weatherStore(2, { latitude: 1, level: 1 }));
    const fitting = describeSplit(await openZarr(fine), selection, halves(5));
    expect(fitting.notes).toEqual(['No chunk is read by more than one rank.']);
    expect(fitting.ranks.map(({ bytes }) => bytes)).toEqual(Array(5).fill(fitting.distinct.bytes / 5));
    // Channels of one variable on two ranks: each level has its own chunks.
    const { channels, ...rest } = halves(1)[0];
    const columns = [channels.slice(0, 2), channels.slice(2)].map(part => ({ ...rest, channels: part }));
    expect(describeSplit(await openZarr(fine), selection, columns).notes).toHaveLength(1);
  });
});

describe('what goes wrong is told', () => {
  const read = async (
    fixture: ZarrFixture,
    answer?: Parameters<typeof serveFiles>[1],
    wanted = selection,
  ) => {
    const { source } = await served(fixture, answer);
    const reading = openZarr(source, wanted).then(store => readZarr(store, wanted));
    return (await failure(reading)).replace(servers.at(-1)!.url, 'http://server/');
  };
  const without = (name: string) =>
    Object.fromEntries(Object.entries(weatherArrays()).filter(([key]) => key !== name));

  it('a server that fails or refuses', async () => {
    expect(
      await read(weatherStore(2), path => (path.endsWith('geopotential/1.0.0.0') ? 503 : undefined)),
    ).toBe(
      'DataError: The server failed to give http://server/weather.zarr/geopotential/1.0.0.0: it answered 503 Service Unavailable.',
    );
    expect(await read(weatherStore(2), () => 403)).toBe(
      'DataError: The server refuses to give http://server/weather.zarr/.zmetadata: it answered 403 Forbidden.',
    );
  });

  it('a server that is not there', async () => {
    const { source, server } = await served(weatherStore(2));
    await server.close();
    expect(await failure(openZarr(source))).toMatch(
      /^DataError: Reading http.*\.zmetadata failed: .*ECONNREFUSED/,
    );
  });

  it('no store', async () => {
    const none = /^DataError: \w+\.zarr is no Zarr store: none of \.zmetadata, zarr\.json, \.zgroup is /;
    expect(await read(weatherStore(2), () => 404)).toMatch(none);
    const { source } = await served(weatherStore(2), () => 404);
    expect(await failure(openZarr(source))).toMatch(/there\. Check the address\.$/);
    const folder = { kind: 'files', name: 'notes.zarr', files: new Map([['a.nc', new Blob()]]) } as const;
    expect(await failure(openZarr(folder))).toMatch(none);
    expect(await failure(openZarr(folder))).toContain('in it. Choose the folder that has them');
    const { source: plain } = await served(weatherStore(2, {}, { consolidated: false }));
    expect(await failure(openZarr(plain))).toMatch(/^DataError: weather\.zarr has no consolidated metadata/);
    expect(await failure(openZarr({ kind: 'url', url: 'not a url' }))).toBe(
      'DataError: "not a url" is no URL of a Zarr store.',
    );
  });

  it.each([2, 3] as const)('chunks that are cut short or damaged, version %i', async format => {
    const files = await writeZarr(weatherStore(format));
    const path = format === 2 ? 'geopotential/1.0.0.0' : 'geopotential/c/1/0/0/0';
    const whole = files.get(path)!;
    const garbled = whole.map(b => b ^ 0x5a);
    for (const bytes of [whole.slice(0, whole.length >> 1), new Uint8Array(0), garbled]) {
      const message = await read(weatherStore(format), p => (p.endsWith(path) ? bytes : undefined));
      expect(message).toMatch(/^DataError: The chunk 1\.0\.0\.0 of geopotential is truncated or damaged: /);
    }
  });

  it('metadata that are no JSON', async () => {
    const plain = weatherStore(2, {}, { consolidated: false });
    const broken = Uint8Array.from([0x7b]);
    expect(await read(plain, p => (p.endsWith('geopotential/.zarray') ? broken : undefined))).toMatch(
      /^DataError: Cannot read \.zarray of geopotential in weather\.zarr: /,
    );
  });

  /** Opens and reads a store in a folder, of which one document says something else. */
  const changed = async (
    path: string,
    change: (document: ReturnType<typeof JSON.parse>) => unknown,
    fixture: ZarrFixture = weatherStore(2, {}, { consolidated: false }),
  ) => {
    const files = new Map<string, BlobPart>(await writeZarr(fixture));
    const text = new TextDecoder().decode(files.get(path) as Uint8Array);
    const next = change(JSON.parse(text));
    files.set(path, typeof next === 'string' ? next : JSON.stringify(next));
    const blobs = new Map([...files].map(([name, part]) => [name, new Blob([part])]));
    const store = await openZarr({ kind: 'files', name: 'weather.zarr', files: blobs });
    return readZarr(store, {});
  };
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;

  it.each<[string, string, (document: ReturnType<typeof JSON.parse>) => unknown, RegExp]>([
    [
      'no shape',
      'latitude/.zarray',
      ({ shape, ...rest }) => rest,
      /latitude\/\.zarray cannot be read \(shape: /,
    ],
    ['a negative length', 'latitude/.zarray', all => ({ ...all, shape: [-5] }), /shape\.0: /],
    ['chunks of nothing', 'latitude/.zarray', all => ({ ...all, chunks: [0] }), /chunks\.0: /],
    [
      'chunks of other dimensions',
      'latitude/.zarray',
      all => ({ ...all, chunks: [5, 1] }),
      /other dimensions/,
    ],
    ['a type of several', 'latitude/.zarray', all => ({ ...all, dtype: [['a', '<f4']] }), /\(dtype: /],
    [
      'a fill value of text',
      'time/.zarray',
      all => ({ ...all, fill_value: 'x' }),
      /fill_value is no whole number/,
    ],
    ['codecs of no name', 'latitude/.zarray', all => ({ ...all, compressor: 'zlib' }), /\(compressor: /],
    [
      'attributes that are none',
      'latitude/.zattrs',
      () => 'null',
      /latitude\/\.zattrs cannot be read \(no object\)/,
    ],
    ['no JSON', 'latitude/.zarray', () => '{', /latitude\/\.zarray cannot be read \(it is no JSON /],
    ['lists in lists', 'latitude/.zattrs', () => `{"a": ${deep}}`, /nested more than 64 deep/],
  ])('metadata that cannot be: %s', async (_, path, change, words) => {
    const message = await failure(changed(path, change));
    expect(message).toMatch(/^DataError: weather\.zarr has no (latitude|time) axis: /);
    expect(message).toMatch(words);
  });

  it.each<[string, string, (document: ReturnType<typeof JSON.parse>) => unknown, string]>([
    [
      'more values of a coordinate than it has chunks',
      'time/.zarray',
      all => ({ ...all, shape: [2 ** 40] }),
      'DataError: The coordinate time claims 1099511627776 values in chunks of 7, but lacks chunk 2. Download it again.',
    ],
    [
      'a chunk larger than what lies in it',
      'time/.zarray',
      all => ({ ...all, shape: [2 ** 30], chunks: [2 ** 30] }),
      'DataError: The chunk 0 of time is truncated or damaged: it holds 7 values, not 1073741824. Download it again.',
    ],
    [
      'a field longer than its coordinate',
      'geopotential/.zarray',
      all => ({ ...all, shape: [10, 3, 4, 50] }),
      'DataError: weather.zarr is damaged: geopotential has 50 values along latitude, and its coordinate 5.',
    ],
    [
      'a level more than there are pressures',
      'geopotential/.zarray',
      all => ({ ...all, shape: [10, 4, 4, 5] }),
      'DataError: weather.zarr is damaged: geopotential has 4 values along level, and its coordinate 3.',
    ],
    [
      'settings that a codec does not take',
      'latitude/.zarray',
      all => ({ ...all, compressor: { id: 'blosc', cname: 'none' } }),
      'DataError: Cannot read chunk 0 of latitude: the codec numcodecs.blosc has settings that it does not take',
    ],
  ])('metadata that claim %s', async (_, path, change, words) => {
    expect(await failure(changed(path, change))).toContain(words);
  });

  it.each([
    [
      'a member of which there are more than memory holds',
      [10, 2 ** 40, 4, 5],
      ['time', 'member', 'longitude', 'latitude'],
    ],
    ['dimensions without names', [10, 3, 4, 5], undefined],
    ['dimensions that are no text', [10, 3, 4, 5], ['time', { toString: 1 }, 'longitude', 'latitude']],
    ['a second latitude', [10, 3, 4, 5], ['time', 'level', 'longitude', 'lat']],
  ])('are passed over where they are no field of the grid: %s', async (_, shape, dimensions) => {
    const { lat, ...arrays } = {
      ...weatherArrays(),
      lat: { ...weatherArrays().latitude, dimensions: ['lat'] },
    };
    const second = { ...weatherStore(2, {}, { consolidated: false }), arrays: { lat, ...arrays } };
    const files = await writeZarr(second);
    const document = (path: string, more: object) => {
      const before = JSON.parse(new TextDecoder().decode(files.get(path)));
      files.set(path, Uint8Array.from(new TextEncoder().encode(JSON.stringify({ ...before, ...more }))));
    };
    document('geopotential/.zarray', { shape });
    document('geopotential/.zattrs', { _ARRAY_DIMENSIONS: dimensions });
    const blobs = new Map([...files].map(([name, bytes]) => [name, new Blob([bytes])]));
    const store = await openZarr({ kind: 'files', name: 'weather.zarr', files: blobs });
    expect(store.fields.map(({ channel: { name } }) => name)).toEqual(['2m_temperature']);
  });

  it('consolidated metadata nested deeper than they can be written out', async () => {
    const fixture = weatherStore(2);
    const message = await failure(
      changed(
        '.zmetadata',
        () => `{"zarr_consolidated_format": 1, "metadata": {"a/.zattrs": {"b": ${deep}}}}`,
        fixture,
      ),
    );
    // They are left aside, as where there are none.
    expect(message).toBe('no error');
  });

  it('a coordinate in chunks of one, of which the one that is the fill value is not stored', async () => {
    const arrays = weatherArrays();
    const time = { ...arrays.time, chunks: [1], absent: ['0'] };
    const files = await writeZarr({
      ...weatherStore(3, {}, { consolidated: false }),
      arrays: { ...arrays, time },
    });
    const open = () => {
      const blobs = new Map([...files].map(([name, bytes]) => [name, new Blob([bytes])]));
      return openZarr({ kind: 'files', name: 'weather.zarr', files: blobs });
    };
    expect((await open()).time.times[0]).toBe(Date.UTC(2018, 0, 1));
    files.delete('time/c/4');
    expect(await failure(open())).toMatch(
      /The coordinate time claims 10 values in chunks of 1, but lacks chunk [04]\./,
    );
  });

  it('a dimension of one without a name is passed over', async () => {
    const arrays = weatherArrays();
    const mask = {
      ...arrays.land_sea_mask,
      dimensions: ['one', 'longitude', 'latitude'],
      shape: [1, 4, 5],
      chunks: [1, 4, 5],
    };
    const fixture: ZarrFixture = {
      format: 3,
      consolidated: false,
      arrays: { ...arrays, land_sea_mask: { ...mask, value: (_, x, y) => landMask(y, x) } },
    };
    const unnamed = { dimension_names: [null, 'longitude', 'latitude'] };
    const { dataset } = await changed('land_sea_mask/zarr.json', all => ({ ...all, ...unnamed }), fixture);
    expect(dataset.statics.map(({ values }) => values)).toEqual([truth.statics[0].values]);
  });

  it('an array of version 3 without attributes is read', async () => {
    const fixture = weatherStore(3, {}, { consolidated: false });
    const { dataset } = await changed('land_sea_mask/zarr.json', ({ attributes, ...rest }) => rest, fixture);
    expect(dataset.statics).toHaveLength(1);
  });

  it('a name that is no path', async () => {
    const arrays = { ...weatherArrays(), '100%': weatherArrays()['2m_temperature'] };
    const { source } = await served({ format: 2, arrays });
    expect((await openZarr(source)).fields.map(({ variable }) => variable.name)).not.toContain('100%');
    expect(await failure(openZarr(source, { variables: ['100%'] }))).toBe(
      'DataError: 100% is no name of an array.',
    );
  });

  it.each([true, false])('arrays in groups, with their names (consolidated: %s)', async consolidated => {
    const files = await writeZarr(weatherStore(2, {}, { consolidated: false }));
    const blobs = new Map([...files].map(([path, bytes]) => [`era/${path}`, new Blob([bytes])]));
    const group = new Blob(['{"zarr_format": 2}']);
    blobs.set('.zgroup', group);
    const metadata = Object.fromEntries(
      await Promise.all(
        [...blobs].flatMap(([path, blob]) =>
          path.includes('/.') ? [blob.text().then(text => [path, JSON.parse(text)] as const)] : [],
        ),
      ),
    );
    if (consolidated) {
      blobs.set('.zmetadata', new Blob([JSON.stringify({ zarr_consolidated_format: 1, metadata })]));
    }
    expect(await failure(openZarr({ kind: 'files', name: 'a.zarr', files: blobs }))).toBe(
      'DataError: a.zarr has its arrays in groups: era. Give one of them as the store: zarr:a.zarr/era in the terminal, or that folder or address.',
    );
  });

  it('a codec that is not known', async () => {
    expect(await read(weatherStore(2, {}, { codec: 'pcodec' }))).toMatch(
      /^DataError: Cannot read chunk 0 of latitude: it is encoded with "(numcodecs\.)?pcodec"/,
    );
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
    expect(await read(holed(null))).toBe(
      'DataError: weather.zarr lacks 1 chunk(s) of 2m_temperature (/2m_temperature/1.0.0), and names no fill value for them. Download it again.',
    );
  });

  it('variables, levels and steps that are not there', async () => {
    const wanted = (one: Channel): ZarrSelection => ({ channels: [one], statics: [] });
    expect(await read(weatherStore(2), undefined, wanted(channel('x', 'vorticity')))).toBe(
      'DataError: weather.zarr has no field vorticity; it has 2m_temperature, geopotential, land_sea_mask.',
    );
    expect(await read(weatherStore(2), undefined, wanted(channel('z', 'geopotential', 925)))).toBe(
      'DataError: weather.zarr has geopotential on 500, 850, 1000 hPa, not on 925.',
    );
    expect(await read(weatherStore(2), undefined, { variables: ['geopotental'] })).toBe(
      'DataError: weather.zarr has no geopotental on latitude and longitude; it has 2m_temperature, geopotential, land_sea_mask.',
    );
    expect(await read(weatherStore(2), undefined, { ...selection, from: '2019-01-01' })).toBe(
      'DataError: weather.zarr has 0 steps from 2019-01-01 to its last; it runs from 2018-01-01 to 2018-01-03. A forecast needs at least two.',
    );
    expect(await read({ format: 2, arrays: without('latitude') })).toMatch(
      /^DataError: weather\.zarr has no latitude axis/,
    );
  });

  it('a box beyond the selection', async () => {
    const { source } = await served(weatherStore(2));
    const store = await openZarr(source);
    const box = { ...wholeBox(store, selection), latitudeTo: 6 };
    expect(await failure(readZarr(store, selection, box))).toBe(
      'RangeError: The box takes rows 0 to 6, of 5 there are.',
    );
  });
});
