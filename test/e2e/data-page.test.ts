import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { era5Store } from '../node/data/era5-store.ts';
import { waveFile, waveStore } from '../node/data/wave-store.ts';
import { writeZarr } from '../node/data/write-zarr.ts';
import { drag as dragPaths } from './drag.ts';
import { test } from './fixture.ts';
import { pastStep, show, status } from './mesh-page.ts';
import { serveStore, writeStore } from './store-folder.ts';

let folder: string;
let store: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-page-'));
  store = join(folder, 'waves.zarr');
  await writeStore(store, { ...waveStore(), consolidated: false });
  await writeFile(join(folder, 'waves.nc'), new Uint8Array(waveFile()));
  await writeFile(join(folder, 'notes.txt'), 'no data');
});
afterAll(() => rm(folder, { recursive: true }));

async function openAddress(page: Page, url: string): Promise<void> {
  await page.getByTestId('store-url').fill(url);
  await page.getByTestId('store-by-url').click();
}

test('a store is opened by its address; one that may not be read is explained', async ({ page, pageUrl }) => {
  const [shared, closed] = [await serveStore(waveStore(), true), await serveStore(waveStore(), false)];
  await page.goto(`${pageUrl}?preset=tiny&steps=4#/data`);
  await status(page, 'ready');
  await page.getByTestId('open-store').click();
  await openAddress(page, `${closed.url}waves.zarr`);
  const error = page.getByTestId('error');
  await error.waitFor();
  expect(await error.textContent()).toContain('does not allow pages of other sites to read it');
  expect(await error.textContent()).toContain('download the store and choose its folder');

  await page.getByText('Only a part of it').click();
  await page.getByTestId('part-variables').fill('geopotential, land_sea_mask');
  await page.getByTestId('part-to').fill('2018-01-14');
  await openAddress(page, `${shared.url}waves.zarr`);
  await status(page, 'ready');
  expect(await error.count()).toBe(0);
  expect(await page.getByTestId('data-source').textContent()).toBe('waves.zarr');
  expect(await page.getByTestId('data-note').textContent()).toContain('16 x 16 points, 3 channels');
  // 52 steps of 6 hours: 42 train, and a sample reaches four ahead.
  expect(await page.getByTestId('data-note').textContent()).toContain('38 samples to train');
  expect(await page.getByTestId('data-note').textContent()).toMatch(
    / test\. [1-9][\d.]*\u00a0KiB were read\.$/,
  );
  expect(await page.getByTestId('data-split').isVisible()).toBe(false);

  await page.getByTestId('use-embedded').click();
  await status(page, 'ready');
  expect(await page.getByTestId('data-note').textContent()).toContain('not observations');

  await page.getByTestId('use-synthetic').click();
  await status(page, 'ready');
  expect(await page.getByTestId('data-source').textContent()).toContain('synthetic waves');
  expect(await page.getByTestId('data-note').textContent()).toContain('its scores mean nothing');
  expect(await page.getByTestId('use-synthetic').isVisible()).toBe(false);
  await Promise.all([shared.close(), closed.close()]);
});

test('a folder is opened, its ranks read their parts, and after a reload it is asked for again', async ({
  page,
  pageUrl,
  problems,
}) => {
  // The picker of the browser is out of a test's reach; without it the page falls back to an input.
  await page.addInitScript('delete window.showDirectoryPicker');
  await page.goto(`${pageUrl}?preset=tiny&steps=2000#/data`);
  await status(page, 'ready');
  await show(page, 'share');
  await page.getByTestId('mesh').selectOption('1x2');
  await status(page, 'ready');
  await show(page, 'data');
  await page.getByTestId('open-store').click();
  await page.getByText('Only a part of it').click();
  await page.getByTestId('part-variables').fill('geopotential');
  await page.getByTestId('store-folder').setInputFiles(store);
  await page.getByTestId('data-split').waitFor();
  await status(page, 'ready');
  const split = page.getByTestId('data-split');
  expect(await split.textContent()).toContain('No chunk is read by more than one rank.');
  expect(await split.textContent()).toMatch(/Rank by rank they read [\d.]+\u00a0KiB, [\d.]+\u00a0KiB\./);
  expect(await split.textContent()).not.toContain('Rank 0 reads for');

  await page.getByTestId('train').click();
  await pastStep(page, 0);
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  await page.reload();
  const resume = page.getByTestId('resume-saved');
  await resume.waitFor();
  expect(await resume.textContent()).toBe('Choose the folder and resume');
  expect(await page.getByTestId('resume-banner').textContent()).toContain('on waves.zarr');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), resume.click()]);
  await chooser.setFiles(store);
  await status(page, 'running');
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  expect(await page.getByTestId('data-source').textContent()).toBe('waves.zarr');
  expect(await page.getByTestId('data-note').textContent()).toContain('3 channels');
  expect(problems).toEqual([]);
});

/** Drags what lies in the folder of this test over the page; the result lets go of it there. */
const drag = (page: Page, ...names: string[]) => dragPaths(page, ...names.map(name => join(folder, name)));

test('files and folders are dropped on the page; what cannot be used is told', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=2000#/data`);
  await status(page, 'ready');
  const [veil, error, source] = ['drop', 'error', 'data-source'].map(id => page.getByTestId(id));
  const isFrom = (name: string) => source.filter({ hasText: name }).waitFor();

  const dropText = await drag(page, 'notes.txt');
  await veil.filter({ hasText: 'Drop NetCDF files or the folder of a Zarr store' }).waitFor();
  await dropText();
  await error.filter({ hasText: 'notes.txt cannot be used here. Drop NetCDF files (.nc,' }).waitFor();
  expect(await veil.isVisible()).toBe(false);
  await (await drag(page, 'waves.zarr', 'waves.nc'))();
  await error.filter({ hasText: 'The folder of a Zarr store is dropped alone' }).waitFor();
  await status(page, 'ready');
  expect(await page.getByTestId('data-note').textContent()).toContain('not observations');

  await (await drag(page, 'waves.nc'))();
  await isFrom('waves.nc');
  await status(page, 'ready');
  expect(await error.count()).toBe(0);
  // The part that the form names holds for a folder that is dropped, too.
  await page.getByTestId('open-store').click();
  await page.getByText('Only a part of it').click();
  await page.getByTestId('part-variables').fill('geopotential');
  // Without handles, as in Firefox and Safari, every file of the folder is listed.
  for (const prepare of ['', 'delete DataTransferItem.prototype.getAsFileSystemHandle']) {
    await page.evaluate(prepare);
    await (await drag(page, 'waves.zarr'))();
    await isFrom('waves.zarr');
    await page.getByTestId('data-note').filter({ hasText: '3 channels' }).waitFor();
    await status(page, 'ready');
    await page.getByTestId('use-embedded').click();
    await isFrom('embedded');
    await status(page, 'ready');
  }

  await page.getByTestId('train').click();
  await status(page, 'running');
  const dropInTraining = await drag(page, 'waves.nc');
  await veil.filter({ hasText: 'pause it first' }).waitFor();
  await dropInTraining();
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  expect(await source.textContent()).toContain('embedded');
  expect(problems).toEqual([]);
});

test('a preset offers the store that it is made for, and reads it when training starts', async ({
  page,
  pageUrl,
  context,
  problems,
}) => {
  const files = await writeZarr(era5Store());
  const asked: string[] = [];
  await context.route('https://storage.googleapis.com/**', async route => {
    const path = route.request().url().split('_conservative.zarr/')[1];
    asked.push(path);
    const bytes = files.get(path);
    const headers = { 'Access-Control-Allow-Origin': '*' };
    await route.fulfill({ status: bytes ? 200 : 404, headers, body: bytes && Buffer.from(bytes) });
  });
  await page.goto(`${pageUrl}?preset=tiny&steps=2#/details`);
  await status(page, 'ready');
  await page.getByTestId('preset').selectOption('era5');
  await page.getByTestId('steps').fill('2');
  await page.getByTestId('steps').press('Tab');
  await show(page, 'data');
  await page.getByTestId('status').getByText('Train begins by reading the data').waitFor();
  expect(await page.getByTestId('data-source').textContent()).toMatch(/64x32.*\.zarr$/);
  expect(asked).toEqual([]);

  await page.getByTestId('train').click();
  await status(page, 'done');
  expect(await page.getByTestId('data-note').textContent()).toContain('69 channels');
  expect(asked).not.toContain('total_precipitation/0.0.0');

  await page.getByTestId('preset').selectOption('tiny');
  await page.getByTestId('train').click();
  await page.getByTestId('data-note').getByText('not observations').waitFor();
  expect(problems).toEqual([]);
});
