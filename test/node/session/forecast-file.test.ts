/** Forecasts as files, by a run that was trained here: what xarray reads of them, and what they score. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, open, root } from 'zarrita';
import type { FilesChoice } from '../../../src/data/choice/choice.ts';
import { readNetcdf } from '../../../src/data/netcdf/file.ts';
import { readValues } from '../../../src/data/netcdf/values.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import type { ForecastRequest, Score, WriteAt } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import type { Session } from '../../../src/session/session.ts';
import { pageResults } from '../../../src/ui/results/page-results.ts';
import { createRunTable } from '../../../src/ui/results/run-table.ts';
import { runInfo } from '../cli/run-info.ts';
import { writeNetcdf } from '../data/write-netcdf.ts';
import { choiceOf, LATITUDE, LONGITUDE, trainedRun, waves } from './wave-run.ts';

let folder: string;
let session: Session;
let config: RunConfig;
let checkpoint: Uint8Array<ArrayBuffer>;
let scores: readonly Score[];

/** Writes below a folder, or a file alone. */
const writerTo =
  (place: string): WriteAt =>
  async (path, position, bytes) => {
    const target = path === '' ? place : join(place, path);
    await mkdir(dirname(target), { recursive: true });
    const before = position === 0 ? new Uint8Array() : await readFile(target);
    const whole = new Uint8Array(Math.max(before.length, position + bytes.length));
    whole.set(before);
    whole.set(bytes, position);
    await writeFile(target, whole);
  };

interface Found {
  readonly sizes: Readonly<Record<string, number>>;
  readonly dims: Readonly<Record<string, readonly string[]>>;
  readonly variables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly time: string;
  readonly timeName: string;
  readonly leadName: string;
  readonly valid: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly scores: Readonly<Record<string, Readonly<Record<'rmse' | 'bias' | 'persistence', number>>>>;
}

/** What xarray and numpy make of a file, in Debian's Python. */
async function inPython(file: string): Promise<Found> {
  const script = fileURLToPath(new URL('../data/score-forecasts.py', import.meta.url));
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [script, file, join(folder, 'waves.nc')]);
  return JSON.parse(stdout) as Found;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-forecasts-'));
  const bytes = waves();
  await writeFile(join(folder, 'waves.nc'), new Uint8Array(bytes));
  ({ session, config, scores, checkpoint } = await trainedRun(bytes, {
    preset: 'tiny',
    overrides: { batch: 2 },
  }));
});

afterAll(async () => {
  await session.close();
  await rm(folder, { recursive: true });
});

/** A store on the disk, as zarrita reads it. */
async function zarrIn(place: string) {
  return root({
    get: async (key: string) => new Uint8Array(await readFile(join(place, key))),
  });
}

const request = (changes: Partial<ForecastRequest> = {}): ForecastRequest => ({
  format: 'netcdf',
  starts: 'scored',
  ...changes,
});

/** Holds what numpy found against the run's own scores. */
function expectOwnScores(found: Found['scores']): void {
  const main = scores.filter(({ metric }) => metric === 'rmse' || metric === 'bias');
  expect(main).toHaveLength(2 * 3 * 2);
  for (const { metric, of, at, value, baselines } of main) {
    const other = found[`${of?.name} ${at?.value}`];
    const scale = metric === 'rmse' ? value : Math.abs(other.rmse);
    expect(Math.abs(other[metric === 'rmse' ? 'rmse' : 'bias'] - value)).toBeLessThan(1e-6 * scale);
    const persistence = baselines.find(({ name }) => name === 'persistence');
    if (persistence) expect(other.persistence / persistence.value).toBeCloseTo(1, 6);
  }
}

describe('a file of the starts that are scored', () => {
  it('is the same from the button of the page, which forecasts with the run that is there, and from the terminal', async () => {
    const file = join(folder, 'terminal.nc');
    await session.forecast(config, checkpoint, request(), writerTo(file));
    const table = createRunTable();
    table.event({ type: 'prepared', info: { ...runInfo, task: 'forecast' } });
    const source = pageResults(table.kept()!, session, () => undefined);
    const saved = new Uint8Array(await (await source.forecasts!()).arrayBuffer());
    expect(Buffer.compare(saved, await readFile(file))).toBe(0);
  });

  it.each(['netcdf', 'zarr'] as const)('scores in numpy what the run scored itself: %s', async format => {
    const file = join(folder, format === 'zarr' ? 'scored.zarr' : 'scored.nc');
    const made = await session.forecast(config, checkpoint, request({ format }), writerTo(file));
    // A tenth of the steps, less a day.
    expect(made).toMatchObject({ starts: 12, members: 1, leads: 2, longest: '2\u00a0d' });
    const found = await inPython(file);
    expect(found.dims).toEqual({
      z: ['time', 'prediction_timedelta', 'level', 'latitude', 'longitude'],
      t2m: ['time', 'prediction_timedelta', 'latitude', 'longitude'],
    });
    expect(found.sizes).toMatchObject({ time: 12, prediction_timedelta: 2, level: 2 });
    expect(found.timeName).toBe('forecast_reference_time');
    expect(found.leadName).toBe('forecast_period');
    expect(found.time).toBe('2018-02-06T00:00');
    expect(found.valid).toBe('2018-02-08T00:00');
    expect(found.variables.z).toMatchObject({ units: 'm**2 s**-2', long_name: 'geopotential' });
    expect(found.variables.t2m).toMatchObject({ units: 'K' });
    expect(found.attributes).toMatchObject({ Conventions: 'CF-1.10', title: 'Forecasts from waves.nc' });
    expect(found.attributes.source).toContain('preset tiny, after 6 training steps on waves.nc');
    expectOwnScores(found.scores);
  });

  it('is read back by the readers here', async () => {
    const bytes = new Uint8Array(await readFile(join(folder, 'scored.nc')));
    const file = readNetcdf(bytes.buffer, 'scored.nc');
    expect(file.dimensions.get('time')).toBe(12);
    const z = file.variables.get('z')!;
    expect(z.shape).toEqual([12, 2, 2, LATITUDE.length, LONGITUDE.length]);
    const store = await zarrIn(join(folder, 'scored.zarr'));
    const array = await open(store.resolve('z'), { kind: 'array' });
    expect(Array.from((await get(array)).data as Float32Array)).toEqual(Array.from(readValues(file, z)));
    // One lead of it is data like any other; all leads together are not.
    const choice: FilesChoice = { kind: 'files', files: [{ name: 'scored.nc', blob: new Blob([bytes]) }] };
    await expect(openBoxed(choice)).rejects.toThrow('forecasts by start (time, 12) and lead time');
  });

  it('is the same by the run itself, while it is prepared', async () => {
    const file = join(folder, 'own.nc');
    await session.saveForecasts(request(), writerTo(file));
    expect(await readFile(file)).toEqual(await readFile(join(folder, 'scored.nc')));
  });
});

describe('forecasts from other data', () => {
  /** Two days that follow those of the training by a year, whose truth nobody has. */
  const later = waves(24 * 365, 8);
  const other = { ...request({ starts: 'all' }) };

  it('go as far ahead as is asked for, past the end of the data, in the leads of the model', async () => {
    const file = join(folder, 'later.nc');
    const own = { ...config, data: choiceOf(later) };
    const asked = { ...other, from: '2019-01-02', leads: { value: 80, unit: 'hours' } } as const;
    const made = await session.forecast(own, checkpoint, asked, writerTo(file));
    expect(made).toMatchObject({
      starts: 4,
      first: '2019-01-02T00:00Z',
      last: '2019-01-02T18:00Z',
      leads: 3,
    });
    const found = await inPython(file);
    expect(found.sizes).toMatchObject({ time: 4, prediction_timedelta: 3 });
    expect(found.valid).toBe('2019-01-05T00:00');
  });

  it('are normalised as the training was, whatever the data are', async () => {
    const whole = join(folder, 'whole.nc');
    await session.forecast(config, checkpoint, { ...other, from: '2018-02-09' }, writerTo(whole));
    const part = join(folder, 'part.nc');
    const last = { ...config, data: choiceOf(waves(6 * 156, 4)) };
    await session.forecast(last, checkpoint, other, writerTo(part));
    const valuesOf = async (path: string) => {
      const file = readNetcdf(new Uint8Array(await readFile(path)).buffer, path);
      return Array.from(readValues(file, file.variables.get('z')!));
    };
    expect(await valuesOf(part)).toEqual(await valuesOf(whole));
  });

  it.each([
    ['2019-06-01', undefined, 'no start from 2019-06-01'],
    ['2018-02-30', undefined, 'no date of the calendar standard'],
    [undefined, { value: 6, unit: 'hours' }, 'forecasts 1\u00a0d ahead in a step'],
    [undefined, { value: 1, unit: 'months' }, 'give leads in hours or days'],
  ] as const)('are refused in words: from %s, leads %o', async (from, leads, words) => {
    const asked = { ...other, from, leads };
    const writing = session.forecast(config, checkpoint, asked, writerTo(join(folder, 'refused.nc')));
    await expect(writing).rejects.toThrow(words);
  });

  it('need the grid and the channels of the training', async () => {
    const half = { ...config, preset: 'tiny', data: { ...choiceOf(later), files: [await shifted()] } };
    await expect(session.forecast(half, checkpoint, other, writerTo(folder))).rejects.toThrow(
      'The points of the data lie elsewhere',
    );
    const fewer = writeNetcdf({
      dimensions: { time: 0, latitude: LATITUDE.length, longitude: LONGITUDE.length },
      records: 2,
      variables: {
        time: { dimensions: ['time'], attributes: { units: 'hours since 2018-01-01' }, values: [0, 6] },
        latitude: { dimensions: ['latitude'], attributes: { units: 'degrees_north' }, values: LATITUDE },
        longitude: { dimensions: ['longitude'], attributes: { units: 'degrees_east' }, values: LONGITUDE },
        t2m: {
          dimensions: ['time', 'latitude', 'longitude'],
          attributes: { units: 'K' },
          values: Array.from({ length: 2 * LATITUDE.length * LONGITUDE.length }, (_, i) => i),
        },
      },
    });
    const lacking = { ...config, data: choiceOf(fewer) };
    await expect(session.forecast(lacking, checkpoint, other, writerTo(folder))).rejects.toThrow(
      'The data lack z500 and z850, which the model forecasts from; they have t2m.',
    );
  });
});

/** The same fields a degree further east. */
async function shifted() {
  const bytes = waves(0, 4, 1);
  return { name: 'waves.nc', blob: new Blob([bytes]) };
}
