import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkData } from '../../../src/cli/check-data.ts';
import { movedData } from '../../../src/cli/data-source.ts';
import { listImages } from '../../../src/cli/image-files.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { serveFiles } from '../data/serve-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const tiny = { name: 'tiny', preset: presets.tiny };
const resnet8 = { name: 'resnet8', preset: presets.resnet8 };

const refusal = (data: Parameters<typeof checkData>[0], named = tiny) =>
  checkData(data, named).then(
    () => 'no error',
    error => {
      expect(error).toBeInstanceOf(UsageError);
      return (error as Error).message;
    },
  );
/** Relative to the folder of the test. */
const images = (...paths: string[]) =>
  ({ kind: 'images', paths: paths.map(path => join(folder, path)) }) as const;
const zarr = (store: string) => ({ kind: 'zarr', store }) as const;

describe('data files', () => {
  test('become absolute paths', async () => {
    await writeFile(join(folder, 'a.nc'), 'CDF');
    const path = join(folder, '.', 'a.nc');
    expect(await checkData({ kind: 'files', files: [path] }, tiny)).toEqual({
      kind: 'files',
      files: [path],
    });
  });

  test('that are missing, or folders, are named', async () => {
    const missing = join(folder, 'missing.nc');
    expect(await refusal({ kind: 'files', files: [missing] })).toBe(`--data: ${missing} does not exist.`);
    expect(await refusal({ kind: 'files', files: [folder] })).toBe(
      `--data: ${folder} is a folder. If it is a Zarr store, write zarr:${folder}; if it has images, choose a preset of classify (such as resnet8).`,
    );
  });

  test.each(['a.zip', 'cifar.tar.gz', 'cat.JPG', 'train-images-idx3-ubyte.gz', 'data_batch_1.bin'])(
    'that have images are told: %s',
    async name => {
      const file = join(folder, name);
      await writeFile(file, 'x');
      expect(await refusal({ kind: 'files', files: [file] })).toBe(
        `--data: ${file} has images, and tiny is trained on fields: choose a preset of classify (such as resnet8).`,
      );
    },
  );
});

describe('images', () => {
  test('of a folder are listed with all below it, but for links and hidden files', async () => {
    await mkdir(join(folder, 'set', 'cats & dogs'), { recursive: true });
    await mkdir(join(folder, 'set', '.git'));
    for (const file of ['set/cats & dogs/a.png', 'set/.git/config', 'set/.DS_Store', 'outside.png']) {
      await writeFile(join(folder, file), 'x');
    }
    await symlink(join(folder, 'outside.png'), join(folder, 'set', 'link.png'));
    await symlink(folder, join(folder, 'set', 'up'));
    const { paths } = images('set');
    expect(await listImages(paths)).toEqual({
      name: 'set',
      files: new Map([['cats & dogs/a.png', join(folder, 'set/cats & dogs/a.png')]]),
    });
    expect(await checkData({ kind: 'images', paths: [join(folder, '.', 'set')] }, resnet8)).toEqual(
      images('set'),
    );
  });

  test('of files are named by these, wherever they lie', async () => {
    for (const file of ['a.bin', 'b.bin']) await writeFile(join(folder, file), 'x');
    const { paths } = images('a.bin', 'b.bin');
    const { files } = await listImages(paths);
    expect([...files]).toEqual([
      ['a.bin', paths[0]],
      ['b.bin', paths[1]],
    ]);
    await writeFile(join(folder, 'a.zip'), 'x');
    expect((await listImages(images('a.zip').paths)).name).toBe('a.zip');
  });

  test('that are not there, or of which there are none, are told', async () => {
    const told = (...paths: string[]) => refusal(images(...paths), resnet8);
    const at = (name: string) => join(folder, name);
    await writeFile(at('nothing.zip'), '');
    await writeFile(at('a.zip'), 'x');
    for (const name of ['empty', 'links', 'b', 'c']) await mkdir(at(name));
    await symlink(at('a.zip'), at('links/a.zip'));
    for (const name of ['b/x.bin', 'c/x.bin']) await writeFile(at(name), 'x');
    expect(await told('missing')).toBe(`--data: ${at('missing')} does not exist.`);
    expect(await told('nothing.zip')).toBe(`--data: ${at('nothing.zip')} is empty (0 bytes).`);
    for (const name of ['empty', 'links']) {
      expect(await told(name)).toBe(
        `--data: the folder ${at(name)} has no files (links and hidden files are passed over).`,
      );
    }
    expect(await told('a.zip', 'empty')).toBe(
      `--data: ${at('empty')} is a folder, and there are 2 paths; give one folder alone, or files.`,
    );
    expect(await told('b/x.bin', 'c/x.bin')).toBe(
      '--data: two files are named x.bin; give each once, or a folder.',
    );
    expect(await refusal({ kind: 'images', paths: ['/dev/null'] }, resnet8)).toBe(
      '--data: /dev/null is neither a file nor a folder.',
    );
  });

  test.each([
    ['.zmetadata', '{}', 'a Zarr store', ''],
    ['zarr.json', '{}', 'a Zarr store', ''],
    ['a.nc', 'CDF\u0001', 'a NetCDF file', 'a.nc'],
    ['b.nc', Uint8Array.of(0x89, 0x48, 0x44, 0x46), 'a NetCDF file', 'b.nc'],
  ])('are not what %s is of', async (name, content, what, given) => {
    await mkdir(join(folder, 'fields'));
    await writeFile(join(folder, 'fields', name), content);
    const path = join(folder, 'fields', given);
    expect(await refusal(images(join('fields', given)), resnet8)).toBe(
      `--data: ${path} is ${what}, and resnet8 is trained on images: give a folder of them, or choose a preset of forecast (such as demo).`,
    );
  });
});

describe('data that have moved', () => {
  test('are the same part of a store', () => {
    const part = { kind: 'zarr', store: 'a', variables: ['t'], from: '2016-01-01' } as const;
    expect(movedData(part, 'zarr:b')).toEqual({ ...part, store: 'b' });
    expect(movedData(part, undefined)).toBe(part);
  });

  test('are of the kind that they were', () => {
    expect(movedData({ kind: 'files', files: ['a.nc'] }, 'b.nc,c.nc')).toEqual({
      kind: 'files',
      files: ['b.nc', 'c.nc'],
    });
    const before = { kind: 'images', paths: ['/a'] } as const;
    expect(movedData(before, '/b')).toEqual({ kind: 'images', paths: ['/b'] });
    expect(() => movedData(before, 'zarr:b')).toThrow(
      '--data zarr:b is a store of fields, and the run is trained on images.',
    );
    expect(() => movedData(before, ',')).toThrow('--data is empty');
  });

  test.each([
    { kind: 'shapes', seed: 1 },
    { kind: 'embedded', days: 30, seed: 1 },
  ] as const)('are none of $kind', before => {
    expect(() => movedData(before, 'a')).toThrow(
      `--data a cannot be given: the run is trained on ${before.kind} data, which are computed and have not moved.`,
    );
  });
});

describe('a Zarr store', () => {
  test.each(['.zmetadata', '.zgroup', 'zarr.json'])('in a folder is known by its %s', async file => {
    await writeFile(join(folder, file), '{}');
    expect(await checkData(zarr(folder), tiny)).toEqual(zarr(folder));
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
    expect(await checkData(zarr(there), tiny)).toEqual(zarr(there));
    expect(await refusal(zarr(`${server.url}b.zarr`))).toBe(
      `--data: ${server.url}b.zarr is no Zarr store: none of .zmetadata, zarr.json, .zgroup is there (it answered 404, 404, 404). Check the address.`,
    );
    await server.close();
    const gone = await serveFiles(new Map());
    await gone.close();
    expect(await refusal(zarr(gone.url))).toMatch(/cannot be reached: .*ECONNREFUSED/);
  });
});
