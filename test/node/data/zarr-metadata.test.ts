/** Metadata of Zarr stores: what they cannot be is told, and what is of no use here is passed over. */
import { describe, expect, it } from 'vitest';
import { readZarr } from '../../../src/data/zarr/read.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { writeZarr, type ZarrFixture } from './write-zarr.ts';
import { landMask, weatherArrays, weatherStore } from './zarr-fixture.ts';
import { failure, messageOf, served, truth } from './zarr-served.ts';

describe('metadata of a store', () => {
  it('metadata that are no JSON', async () => {
    const plain = weatherStore(2, {}, { consolidated: false });
    const broken = Uint8Array.from([0x7b]);
    expect(await messageOf(plain, p => (p.endsWith('geopotential/.zarray') ? broken : undefined))).toMatch(
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
});
