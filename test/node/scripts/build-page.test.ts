/** When `npm start`, and a command that has a page of its own, build anew. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtPage } from '../../../scripts/build-page.mjs';

let root: string;
const write = (path: string, content: string) => writeFileSync(join(root, path), content);

/** A page like that of Isobar, as small as can be. */
beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), 'isobar-build-'))}/`;
  for (const folder of ['src/ui', 'shaders']) mkdirSync(join(root, folder), { recursive: true });
  write('index.html', '<head></head><script type="module" src="./src/ui/main.ts"></script>');
  write('src/ui/main.ts', "import shader from '../../shaders/copy.wgsl?raw';\nconsole.log(shader);");
  write('shaders/copy.wgsl', 'fn copy() {}');
  write('package-lock.json', '{}');
  write('package.json', '{ "type": "module" }');
  write('vite.config.ts', 'export default {};');
});
afterEach(() => rmSync(root, { recursive: true }));

const isNew = async () => (await builtPage(root)).isNew;

test('the page is built where there is no build, and once', async () => {
  expect(await builtPage(root)).toEqual({ folder: `${root}dist`, isNew: true });
  expect(existsSync(join(root, 'dist/index.html'))).toBe(true);
  expect(await isNew()).toBe(false);
  // Nothing is left of how it was made.
  expect(readdirSync(join(root, '.isobar'))).toEqual([]);
});

test('it is built anew for each change of what it is made of, and for nothing else', async () => {
  await builtPage(root);
  write('src/ui/main.ts', 'console.log(2);');
  // A file of an older commit or archive, as its time says.
  utimesSync(join(root, 'src/ui/main.ts'), 1e9, 1e9);
  expect(await isNew()).toBe(true);
  write('shaders/copy.wgsl', 'fn copy2() {}');
  expect(await isNew()).toBe(true);
  write('package-lock.json', '{"a": 1}');
  expect(await isNew()).toBe(true);
  write('vite.config.ts', 'export default { base: "./" };');
  expect(await isNew()).toBe(true);
  rmSync(join(root, 'shaders/copy.wgsl'));
  expect(await isNew()).toBe(true);

  utimesSync(join(root, 'src/ui/main.ts'), new Date(), new Date());
  write('README.md', 'words');
  expect(await isNew()).toBe(false);
});

test('a build of another command, which empties the folder, does not pass for one of these sources', async () => {
  await builtPage(root);
  rmSync(join(root, 'dist'), { recursive: true });
  mkdirSync(join(root, 'dist'));
  write('dist/index.html', 'of other sources');
  expect(await isNew()).toBe(true);
});

test('where the build fails, the one before stays, and the next start tries again', async () => {
  await builtPage(root);
  write('src/ui/main.ts', 'import "./missing.ts";');
  await expect(builtPage(root)).rejects.toThrow('missing.ts');
  expect(existsSync(join(root, 'dist/index.html'))).toBe(true);
  write('src/ui/main.ts', 'console.log(3);');
  expect(await isNew()).toBe(true);
});

test('another page is kept apart, and is made of its own folder too; of two that start at once both have it', async () => {
  mkdirSync(join(root, 'bench'));
  write('bench/page.html', '<script type="module" src="./page.ts"></script>');
  write('bench/page.ts', 'console.log(1);');
  const page = 'bench/page.html';
  const folder = `${root}.isobar/built/bench-page.html`;
  const module = new URL('../../../scripts/build-page.mjs', import.meta.url);
  const start = `const { builtPage } = await import('${module}');
    console.log((await builtPage(${JSON.stringify(root)}, '${page}')).folder);`;
  const starts = [0, 1].map(() =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', start]),
  );
  for (const { stdout } of await Promise.all(starts)) expect(stdout.trim()).toBe(folder);
  expect(existsSync(join(folder, page))).toBe(true);
  expect(readdirSync(join(root, '.isobar'))).toEqual(['built']);
  expect(existsSync(join(root, 'dist'))).toBe(false);

  expect(await builtPage(root, page)).toEqual({ folder, isNew: false });
  write('bench/page.ts', 'console.log(2);');
  expect(await builtPage(root, page)).toEqual({ folder, isNew: true });
  write('shaders/copy.wgsl', 'fn copy3() {}');
  expect(await builtPage(root, page)).toEqual({ folder, isNew: true });
});
