/** Forty years in the layout of WeatherBench 2 behind an address: what opening them and training on a month of them reads. */
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ZarrChoice } from '../../../src/data/choice/choice.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { SavedRuns } from '../../../src/session/saved-runs.ts';
import { Session } from '../../../src/session/session.ts';
import { CHUNK_STEPS, type FortyYears, fortyYears, STEPS } from '../data/forty-years.ts';
import { type Served, serveFiles } from '../data/serve-files.ts';
import { openDawn } from '../dawn.ts';

let store: FortyYears;
let served: Served;
beforeAll(async () => {
  store = await fortyYears();
  served = await serveFiles(store.files, path => store.chunk(path));
});
afterAll(() => served.close());

/** Of the server from here on: paths, sorted, and bytes. */
function watch() {
  const [paths, sent] = [served.paths.length, served.sent];
  return () => ({ paths: served.paths.slice(paths).sort(), sent: served.sent - sent });
}

const choiceOf = (selection: ZarrChoice['selection']): ZarrChoice => ({
  kind: 'zarr',
  source: { kind: 'url', url: served.url },
  selection,
});

/** What is read before any field is. */
const AXES = ['.zmetadata', 'latitude/0', 'level/0', 'longitude/0', 'time/0'];
const bytesOf = (paths: readonly string[]) =>
  paths.reduce((sum, path) => sum + store.files.get(path)!.length, 0);

it('is opened by its metadata and coordinates alone', async () => {
  const seen = watch();
  const { fields } = await openBoxed(choiceOf({}));
  expect(fields.times.length).toBe(STEPS);
  expect(fields.channels.length).toBe(17 + 7 * 13);
  expect(fields.statics).toBe(14);
  expect(seen()).toEqual({ paths: AXES, sent: bytesOf(AXES) });
  expect(seen().sent).toBeLessThan(200_000);
});

it('is trained on over the chunks of the period and no others, each read once', async () => {
  const seen = watch();
  const session = new Session(() => openDawn(), new SavedRuns('page'));
  const part = {
    variables: ['2m_temperature', 'geopotential', 'land_sea_mask'],
    levels: [500],
    from: '1999-01-01',
    to: '1999-02-01',
  };
  await session.prepare({ data: choiceOf(part), preset: 'tiny', steps: 2, seed: 1, overrides: { batch: 2 } });
  await session.train();
  await session.close();
  // 20 years of which 5 are leap years come before; January has 124 steps.
  const first = 4 * (20 * 365 + 5);
  const chunks = [Math.floor(first / CHUNK_STEPS), Math.floor((first + 123) / CHUNK_STEPS)];
  expect(chunks).toEqual([292, 293]);
  const read = [
    ...chunks.flatMap(chunk => [`2m_temperature/${chunk}.0.0`, `geopotential/${chunk}.0.0.0`]),
    'land_sea_mask/0.0',
  ];
  const { paths, sent } = seen();
  const fieldPaths = paths.filter(path => !store.files.has(path));
  expect(fieldPaths).toEqual(read.sort());
  const sizes = await Promise.all(read.map(async path => (await store.chunk(path)!).length));
  const axes = paths.filter(path => store.files.has(path));
  expect(sent).toBe(sizes.reduce((a, b) => a + b, bytesOf(axes)));
  expect(new Set(axes)).toEqual(new Set(AXES));
});
