/** What `npm run forecast` refuses before a browser is started, and how it keeps what it has written apart. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { main, otherData, parseLeads } from '../../../src/cli/forecast.ts';
import { writtenFiles } from '../../../src/cli/written-files.ts';
import { presetOf } from '../../../src/session/api/settings.ts';

let folder: string;
const said = vi.spyOn(console, 'error').mockImplementation(() => {});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-forecast-'));
  for (const [name, preset] of [
    ['run', 'tiny'],
    ['images', 'resnet8'],
  ]) {
    await mkdir(join(folder, name));
    const settings = {
      preset,
      steps: 1,
      seed: 1,
      overrides: {},
      data: { kind: 'embedded', days: 60, seed: 1 },
    };
    await writeFile(join(folder, name, 'config.json'), JSON.stringify(settings));
    await writeFile(join(folder, name, 'checkpoint.safetensors'), '');
  }
  await writeFile(join(folder, 'there.nc'), '');
});
afterEach(() => said.mockClear());
afterAll(() => rm(folder, { recursive: true }));

const noBrowser = () => {
  throw new Error('a browser was started');
};

it.each([
  [['--out', 'a.nc'], '--run is missing'],
  [['--run', 'run'], '--out is missing'],
  [['--run', 'run', '--out', 'a.grib'], 'must end with .nc (NetCDF) or .zarr'],
  [['--run', 'run', '--out', 'a.nc', '--leads', '5'], 'such as 5d, 36h or 3mo'],
  [['--run', 'run', '--out', 'a.nc', '--from', 'May'], 'it must be a day'],
  [['--run', 'none', '--out', 'a.nc'], 'holds no run to resume'],
  [['--run', 'images', '--out', 'a.nc'], 'holds a run of classify'],
  [['--run', 'run', '--out', 'a.nc', '--data', 'lacking.nc'], 'lacking.nc does not exist'],
  [['--run', 'run', '--out', 'there.nc'], 'is there already'],
])('refuses %j', async (argv, words) => {
  const placed = argv.map((text, i) =>
    ['--run', '--out'].includes(argv[i - 1]) ? join(folder, text) : text,
  );
  expect(await main(placed, noBrowser)).toBe(2);
  expect(said.mock.calls.flat().join('\n')).toContain(words);
});

it('takes of other data the part of the run, but neither its period nor that of its preset', () => {
  const [regional, era5] = (['regional', 'era5'] as const).map(name => ({ name, preset: presetOf(name) }));
  const part = { levels: [500], region: { west: -20, south: 35, east: 40, north: 70 }, thin: { points: 2 } };
  const whole = { ...part, from: '2005-01-01', to: '2009-01-01' };
  const files = { kind: 'files', files: ['/old.nc'], part: whole } as const;
  expect(otherData(files, undefined, regional)).toBe(files);
  expect(otherData(files, 'new.nc', regional)).toEqual({ kind: 'files', files: ['new.nc'], part });
  expect(otherData({ kind: 'files', files: ['/old.nc'] }, 'new.nc', regional)).toEqual({
    kind: 'files',
    files: ['new.nc'],
  });
  const store = { kind: 'zarr', store: '/old.zarr', ...whole } as const;
  const found = otherData(store, 'zarr:new.zarr', era5);
  expect(found).toEqual({ kind: 'zarr', store: 'new.zarr', ...part });
  // What the preset selects is put below it.
  expect({ ...presetOf('era5').store?.selection, ...found }).toMatchObject({
    from: undefined,
    to: undefined,
  });
  expect(otherData(store, 'new.nc', regional)).toEqual({ kind: 'files', files: ['new.nc'], part });
});

it('takes leads in days, hours and months', () => {
  expect(parseLeads('5d')).toEqual({ value: 120, unit: 'hours' });
  expect(parseLeads('36h')).toEqual({ value: 36, unit: 'hours' });
  expect(parseLeads('3mo')).toEqual({ value: 3, unit: 'months' });
});

async function* piece(...bytes: number[]) {
  yield Uint8Array.from(bytes);
}

it('puts a file in its place when it is whole, and leaves nothing where it is not', async () => {
  const path = join(folder, 'new', 'a.nc');
  const file = await writtenFiles(path, 'file');
  await file.write('', 2, piece(3, 4));
  await file.write('', 0, piece(1, 2));
  expect(existsSync(path)).toBe(false);
  await file.finish();
  expect([...(await readFile(path))]).toEqual([1, 2, 3, 4]);
  const store = join(folder, 'b.zarr');
  const left = await writtenFiles(store, 'folder');
  await left.write('z/0.0', 0, piece(1));
  await expect(left.write('../out', 0, piece(1))).rejects.toThrow('lies outside of the folder');
  await left.abandon();
  expect(existsSync(`${store}.part`) || existsSync(store)).toBe(false);
});
