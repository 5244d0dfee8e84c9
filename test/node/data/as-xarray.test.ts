/**
 * Real files that people have around, all NetCDF and HDF files of Debian's libncarg-data, and the files of `test/fixtures/cases`: what is
 * stored in them is read as xarray reads it, and each is a data set with the same numbers, or is refused in words that say what to do.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { unpacker } from '../../../src/data/cf/unpack.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { isHdf5 } from '../../../src/data/file-forms.ts';
import { openHdf5 } from '../../../src/data/hdf5/file.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { blobFile } from '../../../src/data/netcdf/bytes.ts';
import { type NetcdfFile, readNetcdf } from '../../../src/data/netcdf/file.ts';
import { storedType } from '../../../src/data/netcdf/types.ts';
import { readValues } from '../../../src/data/netcdf/values.ts';
import { noBytes } from '../../../src/io/byte-count.ts';
import { DataError } from '../../../src/io/data-error.ts';
import { asXarrayReads, caseChoice } from './case-files.ts';

/** What is known of a variable, or of a channel. */
interface Numbers {
  readonly values: number;
  readonly missing: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly sum: number | null;
}

const ROOT = '/usr/share/ncarg/data/';
const PYTHON = '/usr/bin/python3';

const CASES = fileURLToPath(new URL('../../fixtures/cases/', import.meta.url));
const isThere = existsSync(`${ROOT}cdf/Tstorm.cdf`);
const inFolder = (folder: string) =>
  isThere ? readdirSync(`${ROOT}${folder}`).map(name => `${folder}/${name}`) : [];
const netcdf = ['cdf', 'nug'].flatMap(inFolder).filter(path => /\.(nc|cdf)$/.test(path));
const others = ['hdf', 'grb'].flatMap(inFolder);

const bytesOf = (path: string) => Uint8Array.from(readFileSync(ROOT + path));
const nameOf = (path: string) => path.slice(path.indexOf('/') + 1);

async function opened(path: string): Promise<NetcdfFile> {
  const bytes = bytesOf(path);
  return isHdf5(bytes)
    ? openHdf5(blobFile(nameOf(path), new Blob([bytes]), noBytes()))
    : readNetcdf(bytes.buffer, nameOf(path));
}

function numbersOf(stored: ArrayLike<number>, unpack: (stored: number) => number = value => value): Numbers {
  const { length } = stored;
  const of = {
    values: length,
    missing: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    sum: 0,
  };
  for (let i = 0; i < length; i++) {
    const value = unpack(stored[i]);
    if (Number.isNaN(value)) {
      of.missing++;
      continue;
    }
    if (value < of.min) of.min = value;
    if (value > of.max) of.max = value;
    of.sum += value;
  }
  return of.values > of.missing ? of : { ...of, min: null, max: null, sum: null };
}

function stored(file: NetcdfFile): Record<string, Numbers> {
  const numbers = [...file.variables.values()].filter(({ type }) => type !== 'char');
  return Object.fromEntries(
    numbers.map(variable => {
      const unpack = unpacker(variable.attributes, storedType(variable.type));
      return [variable.name, numbersOf(readValues(file, variable), unpack)];
    }),
  );
}

/** Counts are equal; extremes and sums are so to rounding in single precision, in which fields are kept. */
function expectSame(found: Numbers, expected: Numbers, where: string) {
  const { values, missing } = expected;
  expect({ where, values: found.values, missing: found.missing }).toEqual({ where, values, missing });
  const largest = Math.max(Math.abs(expected.min ?? 0), Math.abs(expected.max ?? 0));
  for (const [name, size] of [
    ['min', largest],
    ['max', largest],
    ['sum', largest * values],
  ] as const) {
    const [a, b] = [found[name], expected[name]];
    expect(a === null, where).toBe(b === null);
    expect(Math.abs((a ?? 0) - (b ?? 0)), `${where} ${name}`).toBeLessThanOrEqual(1e-7 * size);
  }
}

/** Why a file cannot be used, and which files. */
const refused: readonly (readonly [words: string, paths: RegExp])[] = [
  ['its points are a list', /950318\d\d_sao|ctcbay|ctnccl|camse|triangular/],
  ['its coordinates are two-dimensional', /950318_sao|pop|seam|FR-LAND|HSURF|tos_ocean/],
  ['its grid is rotated or projected', /(orog|sftlf)_mod[23]|tas_rotated/],
  ['they must read like "hours since DATE"', /chi200|ex01B1|fice|mecca|nc4uvt|panel2|sst(30e|data)|\/uv300/],
  ['has no time axis', /941110|contour|ice5g|landsea|sstanom|trinidad|(orog|sftlf)_mod1/],
  ['has no latitude axis', /ced1.*nc|climdiv|cn10n|color|hswm|meteo|scatter1|traj_data|atm_phy|MLS/],
  ['has no longitude axis', /ocean\.nc/],
  ['the time steps are not equally spaced: most are 365 d apart', /hgt/],
  ['there is only one time step', /rectilinear_grid_3D/],
  ['is a GRIB file', /grb\//],
  ['is an HDF4 file', /avhrr|MOD04/],
];

const isRead = (path: string) => !refused.some(([, paths]) => paths.test(path));
const load = (path: string) =>
  loadDataset({ kind: 'files', files: [{ name: nameOf(path), blob: new Blob([bytesOf(path)]) }] });

/** By the path of a file its variables, as xarray reads them. */
async function asXarray(paths: readonly string[]): Promise<Record<string, Record<string, Numbers>>> {
  const script = fileURLToPath(new URL('./read-all.py', import.meta.url));
  const running = promisify(execFile)(PYTHON, [script], { maxBuffer: 2 ** 26 });
  running.child.stdin!.end(JSON.stringify(paths));
  return JSON.parse((await running).stdout);
}

/** Levels and members of a variable together. */
function expectSameFields(
  { channels, values, latitude, longitude }: Dataset,
  expected: Record<string, Numbers>,
) {
  const points = latitude.length * longitude.length;
  const variables = new Set(channels.map(({ variable }) => variable));
  expect(variables.size).toBeGreaterThan(0);
  for (const variable of variables) {
    const own = values.filter(
      (_, i) => channels[Math.floor(i / points) % channels.length].variable === variable,
    );
    expectSame(numbersOf(own), expected[variable], variable);
  }
}

it('the cases are what xarray reads in them', async () => {
  const read = await asXarray(asXarrayReads.map(name => CASES + name));
  for (const name of asXarrayReads) {
    expectSameFields((await loadDataset(caseChoice(name))).dataset, read[CASES + name]);
  }
}, 60_000);

describe.runIf(isThere)('files of libncarg-data', () => {
  let read: Record<string, Record<string, Numbers>>;
  beforeAll(async () => {
    read = await asXarray(netcdf.map(path => ROOT + path));
  }, 60_000);

  it.each(netcdf)('%s has the numbers that xarray reads', async path => {
    const found = stored(await opened(path));
    const expected = read[ROOT + path];
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, numbers] of Object.entries(found)) {
      expectSame(numbers, expected[name], `${path} ${name}`);
    }
  });

  it.each(netcdf.filter(isRead))('%s is a data set with these numbers', async path => {
    expectSameFields((await load(path)).dataset, read[ROOT + path]);
  });

  it('22 of 94 can be used', () => {
    expect(netcdf.length).toBe(94);
    expect(netcdf.filter(isRead).length).toBe(22);
  });

  it.each([...netcdf, ...others].filter(path => !isRead(path)))('%s is refused', async path => {
    const words = refused.filter(([, paths]) => paths.test(path)).map(([text]) => text);
    const failure: unknown = await load(path).then(
      () => undefined,
      thrown => thrown,
    );
    expect(failure).toBeInstanceOf(DataError);
    expect(String(failure)).toContain(nameOf(path));
    expect(words.filter(text => String(failure).includes(text))).toEqual(words);
    expect(words.length).toBe(1);
  });
});
