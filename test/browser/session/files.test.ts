/** A run on NetCDF files: odd grid, southern row first, masked points, a lost field. */
import { afterEach, expect, test } from 'vitest';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { gridFile } from '../../node/data/fixtures.ts';
import { baseline, channelsOf, forgetRuns, mapOf, testSession } from './helpers.ts';

afterEach(() => forgetRuns());

const days = 60;
const rows = 7;
const columns = 8;
const LAND = 3;
const MISSING = 1e20;

/** A wave that travels east, unknown at one point always and everywhere on day 20. */
function waveFile(): { name: string; blob: Blob } {
  const values = Float32Array.from({ length: days * rows * columns }, (_, i) => {
    const [point, day] = [i % (rows * columns), Math.floor(i / (rows * columns))];
    if (point === LAND || day === 20) return MISSING;
    const [row, column] = [Math.floor(point / columns), point % columns];
    return 101_000 + 800 * Math.sin((2 * Math.PI * (column - day)) / columns) * Math.cos(row / 3);
  });
  const { name, bytes } = gridFile('wave.nc', {
    times: Array.from({ length: days }, (_, day) => day),
    latitude: Array.from({ length: rows }, (_, row) => 30 + 5 * row),
    longitude: Array.from({ length: columns }, (_, column) => 10 * column),
    variables: {
      slp: {
        dimensions: ['time', 'lat', 'lon'],
        attributes: { units: 'Pa', missing_value: MISSING },
        values,
      },
    },
  });
  return { name, blob: new Blob([bytes]) };
}

const run = (files: RunConfig['data'] & { kind: 'files' }): RunConfig => ({
  data: files,
  preset: 'regional',
  steps: 100,
  seed: 2,
  overrides: { width: 8, blocks: 1, batch: 4, dropout: 0 },
});

test('gaps count neither in the loss nor in the scores, and the model learns what is known', async () => {
  const { session, events } = await testSession();
  const info = await session.prepare(run({ kind: 'files', files: [waveFile()] }));
  expect(channelsOf(info)).toEqual(['slp']);
  expect(await session.train()).toBe('done');
  const losses = events.flatMap(event => (event.type === 'metrics' ? [...event.losses] : []));
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]);
  const [rmse] = await session.score('test');
  expect(rmse).toMatchObject({ metric: 'rmse', at: { value: 24 } });
  expect(rmse.value).toBeLessThan(baseline(rmse, 'persistence'));
  const map = await mapOf(session, 0, 1);
  expect(map.truth.length).toBe(rows * columns);
  expect(Number.isNaN(map.truth[LAND])).toBe(true);
  await session.close();
});

test('a saved run on files asks for the files again, and goes on with the same part of them', async () => {
  const { session } = await testSession();
  const part = { region: { west: 10, south: 30, east: 60, north: 55 }, from: '2001-01-03' };
  const info = await session.prepare({ ...run({ kind: 'files', files: [waveFile()], part }), steps: 2 });
  expect(info.frame.sizes).toMatchObject({ height: 6, width: 6 });
  await session.train();
  await expect(session.resume()).rejects.toThrow('open the same files again');
  const resumed = await session.resume({ kind: 'files', files: [waveFile()] });
  expect(resumed).toMatchObject({ frame: info.frame, samples: info.samples, config: { data: { part } } });
  expect((await session.savedRun())?.step).toBe(2);
  await session.close();
});

test('a file that is no NetCDF is refused with what to do', async () => {
  const { session, events } = await testSession();
  const blob = new Blob([new Uint8Array(600).fill(7)]);
  await expect(session.prepare(run({ kind: 'files', files: [{ name: 'a.grib', blob }] }))).rejects.toThrow(
    /a\.grib/,
  );
  const codes = events.flatMap(event => (event.type === 'error' ? [event.error.code] : []));
  expect(codes).toEqual(['bad-data']);
  await session.close();
});
