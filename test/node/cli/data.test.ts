import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sparseNetcdf } from '../../../bench/data.ts';
import { main } from '../../../src/cli/data.ts';
import { storeMarkers } from '../../../src/data/choice/folder.ts';
import type { DataSheet } from '../../../src/session/api/data-sheet.ts';

const cases = fileURLToPath(new URL('../../fixtures/cases/', import.meta.url));

/** What is printed, and the exit code. */
async function run(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const code = await main(args);
    const text = (spy: typeof out) => spy.mock.calls.map(call => call.join(' ')).join('\n');
    return { code, out: text(out), errors: text(errors) };
  } finally {
    vi.restoreAllMocks();
  }
}

const sheetOf = async (...args: string[]): Promise<DataSheet> =>
  JSON.parse((await run(...args, '--json')).out);

it('says what a file holds, by number', async () => {
  const sheet = await sheetOf(`${cases}netcdf4.nc`);
  expect(sheet).toMatchObject({
    format: 'NetCDF-4 (HDF5)',
    sizes: { times: 48, members: 1, channels: 2, rows: 4, columns: 5 },
    time: {
      calendar: 'standard',
      first: '1970-01-01T00:00Z',
      last: '1970-01-12T18:00Z',
      stepHours: 6,
      gaps: [],
    },
    grid: { latitude: [60, 30], direction: 'north to south', periodic: false },
    leftOut: [{ name: 'number', why: 'lies along no dimension, not on latitude and longitude' }],
    storage: [{ name: 'z', chunks: [10, 1, 4, 5], bytes: 7680 }],
    split: { train: { samples: 34 }, validation: { samples: 1 }, test: { samples: 1 } },
  });
  const [z850] = sheet.channels;
  expect(z850).toMatchObject({ name: 'z850', units: 'm2 s-2', levelHPa: 850 });
  expect(z850.known).toBeCloseTo(959 / 960, 12);
  expect(z850.mean).toBeCloseTo(280.13620443811504, 9);
  expect([z850.min, z850.max]).toEqual([271.58355712890625, 288.74627685546875]);
});

const NCEP = fileURLToPath(
  new URL('../../../../shared/data/ncep-slp-natl-daily-2001-2010.nc', import.meta.url),
);

it.runIf(existsSync(NCEP))('prints what the README shows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-sheet-'));
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, options, shown] = /\n\$ npm run data -- slp\.nc ([^\n]+)\n(.*?)\n```/s.exec(readme) ?? [];
  const file = join(folder, 'slp.nc');
  copyFileSync(NCEP, file);
  const { code, out } = await run(file, ...options.split(' '));
  rmSync(folder, { recursive: true });
  expect(code).toBe(0);
  expect(out.replace(/[\u00a0\u202f]/g, ' ')).toBe(shown);
});

it('reads a sample of a large file, spread over its period, and says so in words and numbers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-sheet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'large.nc');
  // Zeros that take no room.
  await sparseNetcdf(file, 6000);
  const sheet = await sheetOf(file);
  expect(sheet).toMatchObject({
    timesRead: 64,
    sizes: { times: 6000 },
    time: { first: '1979-01-01T00:00Z' },
  });
  expect(sheet.bytesRead).toBeLessThan(2 ** 24);
  const { out } = await run(file);
  expect(out).toMatch(/a sample: of 64 of 6\s000 steps/);
  expect(out).toContain('of the sample: --whole reads all.');
  // What is small is read whole either way.
  expect(await sheetOf(`${cases}netcdf4.nc`, '--whole')).toMatchObject({ timesRead: 48, read: 1 });
});

it('says what a store holds and lacks, and what a mesh would read of it', async () => {
  const { code, out } = await run(`zarr:${cases}fill-zero.zarr`, '--mesh', '2x1');
  expect(code).toBe(0);
  expect(out).toContain('75 %  281.35');
  expect(out).toContain('1 chunk is not in the store: their values are missing');
  expect(out).toContain('A chunk of t holds 12 steps and the whole map (960\u00a0B), and is read twice.');
});

it('counts members as records, and takes one of them', async () => {
  expect(await sheetOf(`${cases}ensemble.nc`)).toMatchObject({
    members: [0, 4, 9],
    sizes: { times: 48, members: 3 },
    split: { train: { samples: 102, from: '2001-01-01T00:00Z', to: '2001-01-10T06:00Z' } },
  });
  const one = await sheetOf(`${cases}ensemble.nc`, '--member', '4');
  expect(one.sizes.members).toBe(1);
  expect(one.members).toBeUndefined();
});

it('shows dates of the calendar of the data', async () => {
  const { out } = await run(`${cases}calendar-360.nc`);
  expect(out).toContain(
    '3\u202f600 from 1961-01-01T00:00Z to 1970-12-30T00:00Z, steps of 1\u00a0d, calendar 360_day',
  );
});

it('tells of the part that is chosen, and that it is a part', async () => {
  const part = [
    '--levels',
    '850',
    '--region',
    '-90,35,180,60',
    '--from',
    '1970-01-03',
    '--thin',
    'points:2,steps:2',
  ];
  const sheet = await sheetOf(`${cases}netcdf4.nc`, ...part);
  const whole = await sheetOf(`${cases}netcdf4.nc`);
  expect(whole.chosen).toEqual([]);
  expect(sheet).toMatchObject({
    chosen: [
      'levels 850 hPa',
      '90° W to 180° E, 35° N to 60° N',
      'from 1970-01-03',
      'one in 2 points',
      'one in 2 steps',
    ],
    sizes: { times: 20, channels: 1, rows: 2, columns: 3 },
    time: { first: '1970-01-03T00:00Z', stepHours: 12 },
  });
  expect((await run(`${cases}netcdf4.nc`, ...part)).out).toContain('Chosen    levels 850 hPa; 90° W');
});

it('refuses what it cannot read, and what it is not given right', async () => {
  expect(await run(`${cases}curvilinear.nc`)).toMatchObject({ code: 1, out: '' });
  expect((await run(`${cases}forecast-steps.nc`)).errors).toMatch(/forecasts by start/);
  expect(await run()).toMatchObject({ code: 2 });
  expect((await run('nowhere.nc')).errors).toMatch(/^nowhere\.nc does not exist/);
  expect((await run(`${cases}ensemble.nc`, '--member', 'x')).errors).toMatch(/--member is "x"/);
  expect((await run(`${cases}ensemble.nc`, '--member', '3')).errors).toMatch(/its members are 0, 4 and 9/);
  expect((await run(`${cases}ensemble.nc`, '--from', 'May')).errors).toMatch(
    /--from is "May"; it must be a day/,
  );
  expect((await run(`${cases}ensemble.nc`, '--preset', 'resnet8')).errors).toMatch(/trained on images/);
});

it('a folder that is no store is refused before all that lies below it is listed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-no-store-'));
  const { code, errors } = await run(`zarr:${folder}`);
  rmSync(folder, { recursive: true });
  expect(code).toBe(2);
  expect(errors).toContain(`${folder} is no Zarr store: none of ${storeMarkers.join(', ')} is in it.`);
  expect((await run('zarr:')).errors).toContain(
    'Give the folder, the zip or the URL of a Zarr store after zarr:.',
  );
});
