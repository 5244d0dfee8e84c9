/** Stores that are not there, cut short, damaged, or lack what is asked of them: what is said. */
import { describe, expect, it } from 'vitest';
import type { ZarrSelection } from '../../../src/data/choice/choice.ts';
import type { Channel } from '../../../src/data/dataset.ts';
import { readZarr, wholeBox } from '../../../src/data/zarr/read.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { writeZarr } from './write-zarr.ts';
import { weatherArrays, weatherStore } from './zarr-fixture.ts';
import { channel, failure, messageOf, selection, served } from './zarr-served.ts';

const without = (name: string) =>
  Object.fromEntries(Object.entries(weatherArrays()).filter(([key]) => key !== name));

describe('what goes wrong with a store is told', () => {
  it('a server that fails or refuses', async () => {
    expect(
      await messageOf(weatherStore(2), path => (path.endsWith('geopotential/1.0.0.0') ? 503 : undefined)),
    ).toBe(
      'DataError: The server failed to give http://server/weather.zarr/geopotential/1.0.0.0: it answered 503 Service Unavailable.',
    );
    expect(await messageOf(weatherStore(2), () => 403)).toBe(
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
    expect(await messageOf(weatherStore(2), () => 404)).toMatch(none);
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
      const message = await messageOf(weatherStore(format), p => (p.endsWith(path) ? bytes : undefined));
      expect(message).toMatch(/^DataError: The chunk 1\.0\.0\.0 of geopotential is truncated or damaged: /);
    }
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
    expect(await messageOf(weatherStore(2, {}, { codec: 'pcodec' }))).toMatch(
      /^DataError: Cannot read chunk 0 of latitude: it is encoded with "(numcodecs\.)?pcodec"/,
    );
  });

  it('variables, levels and steps that are not there', async () => {
    const wanted = (one: Channel): ZarrSelection => ({ channels: [one], statics: [] });
    expect(await messageOf(weatherStore(2), undefined, wanted(channel('x', 'vorticity')))).toBe(
      'DataError: weather.zarr has no field vorticity; it has 2m_temperature, geopotential, land_sea_mask.',
    );
    expect(await messageOf(weatherStore(2), undefined, wanted(channel('z', 'geopotential', 925)))).toBe(
      'DataError: weather.zarr has geopotential on 500, 850, 1000 hPa, not on 925.',
    );
    expect(await messageOf(weatherStore(2), undefined, { variables: ['geopotental'] })).toBe(
      'DataError: weather.zarr has no geopotental on latitude and longitude; it has 2m_temperature, geopotential, land_sea_mask.',
    );
    expect(await messageOf(weatherStore(2), undefined, { ...selection, from: '2019-01-01' })).toBe(
      'DataError: weather.zarr has 0 steps from 2019-01-01 to its last; it runs from 2018-01-01 to 2018-01-03. A forecast needs at least two.',
    );
    expect(await messageOf({ format: 2, arrays: without('latitude') })).toMatch(
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
