/** The file of the fastest forms of products: where it lies, what is read of it, and that no entry is ever replaced. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addToFormsFile, formsFile, readFormsFile } from '../../../src/cli/forms-file.ts';
import type { FormsByAdapter } from '../../../src/session/api/kept-forms.ts';

const form = { shader: 'matmul', constants: {}, tile: [64, 64], depth: 16, splits: 1 } as const;
const other = { ...form, splits: 4 };

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'isobar-forms-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

test.each([
  ['linux', { XDG_CACHE_HOME: '/caches' }, '/caches'],
  ['linux', { XDG_CACHE_HOME: 'not/absolute' }, join(homedir(), '.cache')],
  ['linux', {}, join(homedir(), '.cache')],
  ['darwin', { XDG_CACHE_HOME: '/caches' }, join(homedir(), 'Library', 'Caches')],
  ['win32', { LOCALAPPDATA: '/local' }, '/local'],
] as const)('on %s with %o it lies where caches lie', (platform, env, caches) => {
  expect(formsFile(env, platform)).toBe(join(caches, 'isobar', 'forms.json'));
});

test('forms come back as they were kept; what another run has kept meanwhile stays', async () => {
  const file = join(await folder(), 'isobar', 'forms.json');
  expect(await readFormsFile(file)).toEqual({});
  await addToFormsFile(file, {});
  await expect(readdir(join(file, '..'))).rejects.toThrow('ENOENT');
  const first: FormsByAdapter = { 'a GPU': [['8x8x8 nn', form]] };
  await addToFormsFile(file, first);
  expect(await readFormsFile(file)).toEqual(first);
  await addToFormsFile(file, {
    'a GPU': [
      ['8x8x8 nn', other],
      ['9x9x9 nn', other],
    ],
    'another GPU': [['8x8x8 nn', other]],
  });
  expect(await readFormsFile(file)).toEqual({
    'a GPU': [
      ['8x8x8 nn', form],
      ['9x9x9 nn', other],
    ],
    'another GPU': [['8x8x8 nn', other]],
  });
});

test.each([
  ['no forms', '{"a GPU": [["8x8x8 nn", {"shader": "matmul"}]]}'],
  ['a list', '[1, 2]'],
  ['sizes of no tile', JSON.stringify({ 'a GPU': [['8x8x8 nn', { ...form, tile: [0, 1e9] }]] })],
])('a file with %s counts as empty, and is replaced', async (_, text) => {
  const file = join(await folder(), 'forms.json');
  await writeFile(file, text);
  expect(await readFormsFile(file)).toEqual({});
  await addToFormsFile(file, { 'a GPU': [['8x8x8 nn', form]] });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ 'a GPU': [['8x8x8 nn', form]] });
});

test('a torn file and a folder that cannot be made are told, with their names', async () => {
  const at = await folder();
  const torn = join(at, 'forms.json');
  await writeFile(torn, '{"a GPU": [[');
  await expect(readFormsFile(torn)).rejects.toThrow(`${torn} cannot be read (`);
  await expect(readFormsFile(torn)).rejects.toThrow('which kernels are fastest is measured anew.');
  const below = join(torn, 'isobar', 'forms.json');
  await expect(addToFormsFile(below, { 'a GPU': [['8x8x8 nn', form]] })).rejects.toThrow(
    `Which kernels are fastest could not be kept in ${below} (`,
  );
});
