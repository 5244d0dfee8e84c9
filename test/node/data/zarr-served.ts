/** Small stores behind a server of their own, and what they must read as: shared by the tests of Zarr stores. */
import { afterEach } from 'vitest';
import type { ZarrSelection } from '../../../src/data/choice/choice.ts';
import type { Channel, Dataset } from '../../../src/data/dataset.ts';
import { readZarr } from '../../../src/data/zarr/read.ts';
import type { ZarrSource } from '../../../src/data/zarr/source.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { type Served, serveFiles } from './serve-files.ts';
import { writeZarr, type ZarrFixture } from './write-zarr.ts';
import { geopotential, LATITUDE, landMask, STEPS, temperature } from './zarr-fixture.ts';

export const channel = (name: string, variable: string, levelHPa?: number): Channel => ({
  name,
  longName: name,
  units: 'x',
  variable,
  levelHPa,
});
/** Levels from below, as a model wants them, after a surface field. */
export const selection: ZarrSelection = {
  channels: [
    channel('t2m', '2m_temperature'),
    ...[1000, 850, 500].map(p => channel(`z${p}`, 'geopotential', p)),
  ],
  statics: [channel('lsm', 'land_sea_mask')],
};

/** The selection by the functions that the store was written from. */
export const truth: Dataset = {
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

export function grid(value: (y: number, x: number) => number): Float32Array {
  return Float32Array.from({ length: 20 }, (_, p) => value(Math.floor(p / 4), p % 4));
}

const servers: Served[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

export async function served(fixture: ZarrFixture, answer?: Parameters<typeof serveFiles>[1]) {
  const files = await writeZarr(fixture);
  const under = new Map([...files].map(([path, bytes]) => [`weather.zarr/${path}`, bytes]));
  const server = await serveFiles(under, answer);
  servers.push(server);
  return { server, files, source: { kind: 'url', url: `${server.url}weather.zarr` } satisfies ZarrSource };
}

export async function failure(action: Promise<unknown>): Promise<string> {
  return action.then(() => 'no error', String);
}

/** What is said where a store is opened and read; the server's address is `http://server/`. */
export async function messageOf(
  fixture: ZarrFixture,
  answer?: Parameters<typeof serveFiles>[1],
  wanted = selection,
): Promise<string> {
  const { source, server } = await served(fixture, answer);
  const reading = openZarr(source, wanted).then(store => readZarr(store, wanted));
  return (await failure(reading)).replace(server.url, 'http://server/');
}
