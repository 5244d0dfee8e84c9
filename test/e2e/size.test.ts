/** What is loaded before one can look and train, as `npm start` sends it: so that it does not creep up again. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { root } from '../../scripts/setup.mjs';
import { test } from './fixture.ts';

/** In kB; it came to 175 when this was written. */
const firstViewMost = 180;
const viewMost = 40;

/** What views load when they are first shown. */
const views: readonly { readonly view: string; readonly parts: readonly string[] }[] = [
  { view: 'timeline', parts: ['timeline'] },
  { view: 'step', parts: ['step-view', 'beats'] },
  { view: 'lesson', parts: ['lesson', 'library', 'notebook'] },
  { view: 'details', parts: ['show-energy'] },
  { view: 'class', parts: ['teach'] },
  { view: 'share', parts: ['hosting', 'room-forecast'] },
  { view: 'study', parts: ['study-page', 'study-view', 'study-desk', 'study-storage'] },
  { view: 'plan', parts: ['plan-view', 'plan-order'] },
];

/** Of the build: file by its name before the hash. */
const files = new Map<string, string>();
/** As compressed at the build, in kB. */
const sizes = new Map<string, number>();

beforeAll(async () => {
  const folder = join(root, 'dist/assets');
  for (const name of await readdir(folder)) {
    if (name.endsWith('.js')) files.set(name, await readFile(join(folder, name), 'utf8'));
    if (name.endsWith('.js.br')) {
      const { size } = await stat(join(folder, name));
      sizes.set(name.replace(/\.br$/, ''), size / 1000);
    }
  }
});

function sizeOf(file: string): number {
  const size = sizes.get(file);
  if (size === undefined) throw new Error(`${file} was not compressed at the build`);
  return size;
}

/** A file of the build and all that it imports at once. */
function loadedWith(start: string): Set<string> {
  const found = new Set([start]);
  for (const file of found) {
    const text = files.get(file);
    if (text === undefined) throw new Error(`the build has no ${file}`);
    for (const [, other] of text.matchAll(/\b(?:import|from)"\.\/([^"]+)"/g)) found.add(other);
  }
  return found;
}

/** What a build adds to a name: a hash, which may have a hyphen in it. */
const hashed = '-12345678.js';

/** Of several with a name, that which has what the others only point to. */
function fileNamed(name: string): string {
  const found = [...files.keys()].filter(file => file.slice(0, -hashed.length) === name);
  if (found.length === 0) throw new Error(`the build has no file ${name}: what loads that view?`);
  return found.sort((a, b) => files.get(b)!.length - files.get(a)!.length)[0];
}

test('scripts of the first view stay small, the worker among them', async ({ context, page, pageUrl }) => {
  const loaded = new Set<string>();
  context.on('response', response => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) loaded.add(pathname.replace('/assets/', ''));
  });
  await page.goto(`${pageUrl}?preset=tiny`, { waitUntil: 'networkidle' });
  await page.locator('[data-testid=status][data-status=ready]').waitFor();
  // The lines over the maps come last.
  await page.waitForFunction(
    () => document.querySelector<HTMLCanvasElement>('canvas.isolines')?.width !== 300,
  );
  expect([...loaded].filter(file => file.startsWith('worker-'))).toHaveLength(1);
  const total = [...loaded].reduce((sum, file) => sum + sizeOf(file), 0);
  expect(total, 'kB of the first view').toBeLessThan(firstViewMost);
});

test.each(views)('the view $view loads little more', ({ parts }) => {
  const before = loadedWith(fileNamed('first-view'));
  const own = new Set(parts.flatMap(part => [...loadedWith(fileNamed(part))]));
  const total = [...own].reduce((sum, file) => sum + (before.has(file) ? 0 : sizeOf(file)), 0);
  expect(total).toBeLessThan(viewMost);
});
