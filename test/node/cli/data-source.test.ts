import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkData, movedData } from '../../../src/cli/data-source.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { serveFiles } from '../data/serve-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = (data: Parameters<typeof checkData>[0]) =>
  checkData(data, 1).then(
    () => 'no error',
    error => {
      expect(error).toBeInstanceOf(UsageError);
      return (error as Error).message;
    },
  );
const zarr = (store: string) => ({ kind: 'zarr', store }) as const;

describe('data files', () => {
  test('become absolute paths', async () => {
    await writeFile(join(folder, 'a.nc'), 'CDF');
    const path = join(folder, '.', 'a.nc');
    expect(await checkData({ kind: 'files', files: [path] }, 1)).toEqual({ kind: 'files', files: [path] });
  });

  test('that are missing, or folders, are named', async () => {
    const missing = join(folder, 'missing.nc');
    expect(await refusal({ kind: 'files', files: [missing] })).toBe(`--data: ${missing} does not exist.`);
    expect(await refusal({ kind: 'files', files: [folder] })).toBe(
      `--data: ${folder} is a folder. If it is a Zarr store, write zarr:${folder}.`,
    );
  });
});

test('a run goes on with the same part of a store that has moved', () => {
  const part = { kind: 'zarr', store: 'a', variables: ['t'], from: '2016-01-01' } as const;
  expect(movedData(part, zarr('b'))).toEqual({ ...part, store: 'b' });
  expect(movedData(part, undefined)).toBe(part);
});

describe('a Zarr store', () => {
  test.each(['.zmetadata', '.zgroup', 'zarr.json'])('in a folder is known by its %s', async file => {
    await writeFile(join(folder, file), '{}');
    expect(await checkData(zarr(folder), 1)).toEqual(zarr(folder));
  });

  test('that is not there, is no folder, or no store, is told', async () => {
    const [missing, file, plain] = ['missing', 'file', 'plain'].map(name => join(folder, name));
    await writeFile(file, '');
    await mkdir(plain);
    expect(await refusal(zarr(missing))).toBe(`--data: there is no folder ${missing}.`);
    expect(await refusal(zarr(file))).toBe(`--data: ${file} is no folder, so it is no Zarr store.`);
    expect(await refusal(zarr(plain))).toBe(
      `--data: ${plain} is no Zarr store: none of .zmetadata, zarr.json, .zgroup is in it. Give the folder that has them, most often one named .zarr.`,
    );
  });

  test('behind a URL is known by its metadata, and a wrong URL is told', async () => {
    const server = await serveFiles(new Map([['a.zarr/zarr.json', new Uint8Array(2)]]));
    const there = `${server.url}a.zarr/`;
    expect(await checkData(zarr(there), 1)).toEqual(zarr(there));
    expect(await refusal(zarr(`${server.url}b.zarr`))).toBe(
      `--data: ${server.url}b.zarr is no Zarr store: none of .zmetadata, zarr.json, .zgroup is there (it answered 404, 404, 404). Check the address.`,
    );
    await server.close();
    const gone = await serveFiles(new Map());
    await gone.close();
    expect(await refusal(zarr(gone.url))).toMatch(/cannot be reached: .*ECONNREFUSED/);
  });
});
