/** The page with a model that tells images apart: from a preset to guesses, and what it says to data of another sort. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { drag } from './drag.ts';
import { test } from './fixture.ts';
import { pastStep, show, status } from './mesh-page.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-images-'));
  await writeFile(join(folder, 'winds.nc'), 'no matter');
  await writeFile(join(folder, 'notes.doc'), 'no matter');
  await writeFile(join(folder, 'cats.zip'), 'no zip');
});
afterAll(() => rm(folder, { recursive: true }));

/** The four files of an IDX set of three classes, 8 x 8 pixels: 60 images to train on, 12 to test. */
function idxFiles() {
  const idx = (values: Uint8Array, ...shape: number[]) => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head.writeUInt32BE(0x800 + shape.length);
    shape.forEach((length, axis) => {
      head.writeUInt32BE(length, 4 + 4 * axis);
    });
    return Buffer.concat([head, values]);
  };
  return Object.entries({ train: 60, t10k: 12 }).flatMap(([part, count]) => {
    const pixels = Uint8Array.from({ length: 64 * count }, (_, at) => (85 * Math.floor(at / 64) + at) % 256);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
    return [
      { name: `${part}-images-idx3-ubyte`, buffer: idx(pixels, count, 8, 8) },
      { name: `${part}-labels-idx1-ubyte`, buffer: idx(labels, count) },
    ].map(file => ({ ...file, mimeType: 'application/octet-stream' }));
  });
}

const text = (page: Page, id: string) => page.getByTestId(id).textContent();

test('a ResNet learns the shapes; guesses, confusion and accuracy are there', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=resnet8&steps=5&seed=3`);
  await status(page, 'ready');
  expect(await text(page, 'data-source')).toContain('shapes');
  expect(await text(page, 'data-note')).toContain('no photographs');
  for (const id of ['maps-panel', 'open-store', 'use-synthetic']) {
    expect(await page.getByTestId(id).isVisible(), id).toBe(false);
  }

  await page.getByTestId('train').click();
  await status(page, 'done');
  const grid = page.getByTestId('image-grid');
  await grid.locator('li[data-right]').first().waitFor();
  expect(await grid.locator('li').count()).toBe(24);
  const wrong = grid.locator('li[data-right=false]').first();
  expect(await wrong.textContent()).toMatch(/✗wrong, taken for \S+ \d+\u00a0%/);
  await show(page, 'details');
  const table = page.getByTestId('confusion-table');
  await table.waitFor();
  const counts = (await table.locator('tbody td').allTextContents()).map(Number);
  expect(counts).toHaveLength(100);
  expect(counts.reduce((sum, value) => sum + value)).toBe(1000);
  expect(await text(page, 'skill-table')).toMatch(/Accuracy model.*commonest class.*Top-5.*\d\.\d\u00a0%/s);
  await show(page, '');
  await page.locator('[data-testid=skill-chart]:not([data-points="0"])').waitFor();

  const first = await grid.locator('.image-label').allTextContents();
  await page.getByTestId('images-on').click();
  await page.getByTestId('image-page').filter({ hasText: '25 to 48 of' }).waitFor();
  await expect.poll(() => grid.locator('.image-label').allTextContents()).not.toEqual(first);
  expect(problems).toEqual([]);
});

test('data of another sort are refused with what to do instead', async ({ page, pageUrl, problems }) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=8#/data`);
  await status(page, 'ready');
  expect(await page.getByTestId('images-panel').isVisible()).toBe(false);
  const error = page.getByTestId('error');
  const drop = async (name: string) => (await drag(page, join(folder, name)))();
  await drop('cats.zip');
  await error.filter({ hasText: 'cats.zip cannot be used here. Drop NetCDF files' }).waitFor();
  expect(await error.textContent()).toContain(
    'Tiny is for weather forecasts: to train on these, first choose a model for telling images apart, such as ResNet-8.',
  );

  await page.getByTestId('preset').selectOption('resnet8');
  await page.getByTestId('data-note').filter({ hasText: 'no photographs' }).waitFor();
  expect(await error.count()).toBe(0);
  await drop('winds.nc');
  await error
    .filter({ hasText: 'winds.nc cannot be used here. Drop a folder with a folder of images' })
    .waitFor();
  expect(await error.textContent()).toContain('ResNet-8 is for telling images apart');
  await page.getByTestId('image-files').setInputFiles(join(folder, 'notes.doc'));
  await error.filter({ hasText: 'notes.doc cannot be used here' }).waitFor();
  expect(await error.textContent()).not.toContain('first choose a model');
  await status(page, 'ready');
  await drop('cats.zip');
  await error.filter({ hasText: 'cats.zip' }).waitFor();
  await status(page, 'failed');
  expect(problems).toEqual([]);
});

test('image files are opened, the model is changed, and a reload goes on with both', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=resnet8&steps=2000#/data`);
  await status(page, 'ready');
  await page.getByTestId('image-files').setInputFiles(idxFiles());
  await page
    .getByTestId('data-note')
    .filter({ hasText: '8 x 8 pixels, grey, 3 classes. 54 samples' })
    .waitFor();
  expect(await text(page, 'data-source')).toBe('train-images-idx3-ubyte and 3 more');
  expect(await page.getByTestId('image-grid').locator('li').count()).toBe(12);

  await show(page, 'details');
  await page.getByText('Change the model').click();
  const width = page.getByTestId('model-width');
  await width.fill('0');
  await width.press('Tab');
  expect(await text(page, 'settings-problem')).toBe(
    'Channels of the first stage: a whole number from 1 to 4\u202f096.',
  );
  await width.fill('8');
  await width.press('Tab');
  expect(await text(page, 'settings-problem')).toBe('');

  await page.getByTestId('train').click();
  await pastStep(page, 0);
  const parameters = await text(page, 'parameter-count');
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  await page.reload();
  const resume = page.getByTestId('resume-saved');
  await resume.waitFor();
  expect(await resume.textContent()).toBe('Choose the files and resume');
  expect(await text(page, 'resume-by-folder')).toBe('Choose the folder and resume');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), resume.click()]);
  await chooser.setFiles(idxFiles());
  await status(page, 'running');
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  expect(await text(page, 'data-note')).toContain('3 classes');
  expect(await width.inputValue()).toBe('8');
  expect(await text(page, 'parameter-count')).toBe(parameters);
  expect(problems).toEqual([]);
});
