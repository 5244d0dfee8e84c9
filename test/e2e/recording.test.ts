/** Recordings: the page that cannot train plays one, and a run is saved as one and opened again. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { drawPictures, pictureContext } from '../../scripts/draw-pictures.mjs';
import { root } from '../../scripts/setup.mjs';
import { difference } from './compare-pictures.ts';
import { openContext, test } from './fixture.ts';
import { show, status, stepOf } from './mesh-page.ts';

const view = (page: Page, name: string) =>
  page.evaluate(hash => {
    location.hash = `#/${hash}`;
  }, name);
/** Moves the hand of the clock to the end. */
const toEnd = (page: Page) =>
  page.getByTestId('play-moment').evaluate((range: HTMLInputElement) => {
    range.value = range.max;
    range.dispatchEvent(new Event('input', { bubbles: true }));
  });
/** Opens the results, takes these files of them and closes them again. @returns what is in them */
async function taken(page: Page, button: string, files: readonly string[]): Promise<Map<string, Buffer>> {
  await page.getByTestId(button).click();
  const dialog = page.getByTestId('results');
  await dialog.waitFor();
  const all = new Map<string, Buffer>();
  for (const file of files) {
    const download = page.waitForEvent('download');
    await dialog.locator(`[data-file="${file}"]`).click();
    const saved = await download;
    all.set(saved.suggestedFilename(), await readFile(await saved.path()));
    await page.getByTestId('results-said').getByText(saved.suggestedFilename()).waitFor();
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  return all;
}
/** How many colours a canvas shows. */
const coloursOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .evaluate(
      (canvas: HTMLCanvasElement) =>
        new Set(
          new Uint32Array(
            canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.buffer,
          ),
        ).size,
    );

test('a browser without WebGPU plays a recorded run, says that it is one, and offers nothing to train', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
  });
  await page.goto(pageUrl);
  await page.getByTestId('no-webgpu').waitFor();
  const player = page.getByTestId('player');
  await player.waitFor();
  expect(await player.textContent()).toMatch(
    /A recorded run, not this machine.*tiny.*cut 2x2.*nothing is trained/s,
  );
  await page.locator('[data-testid=play][data-state=playing]').waitFor();
  await toEnd(page);
  await page.locator('[data-testid=play][data-state=ended]').waitFor();
  expect(await page.getByTestId('play-words').textContent()).toContain('trained, step 200 of 200');
  await page.locator('#maps[data-drawn]').waitFor();
  for (const map of ['truth', 'forecast', 'error'])
    expect(await coloursOf(page, `#map-${map}`)).toBeGreaterThan(4);
  await page.locator('[data-testid=played-loss-chart]:not([data-points="0"])').waitFor();
  expect(await page.getByTestId('played-scores').locator('tbody tr').count()).toBeGreaterThan(0);
  expect(await page.locator('.machine .owners li').count()).toBe(4);
  expect(await page.locator('isobar-last-step').textContent()).toContain('The last step');
  for (const steering of ['train', 'one-step', 'reset'])
    expect(await page.getByTestId(steering).count()).toBe(0);

  const results = await taken(page, 'played-results', ['report.html', 'metrics.csv', 'maps.png']);
  const [report, metrics, maps] = ['report.html', 'metrics.csv', 'maps.png'].map(
    name => results.get(`isobar-tiny-2x2-seed-1-${name}`)!,
  );
  expect(String(report).match(/<svg class="map"/g)?.length).toBeGreaterThan(3);
  expect(String(report)).toContain('Ranks of the mesh 2x2');
  expect(String(metrics).split('\n')).toHaveLength(202);
  expect(maps.length).toBeGreaterThan(20_000);

  await view(page, 'board');
  await page.locator('isobar-board .weight').first().waitFor();
  expect(await page.locator('isobar-board .compare tbody tr').count()).toBeGreaterThan(3);
  await view(page, 'timeline');
  await page.locator('isobar-timeline canvas').waitFor();
  await view(page, '');
  // Back at its beginning the run has not begun.
  await page.getByTestId('play-restart').click();
  await page.getByTestId('play-words').getByText('trained, step').waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

test('a run is saved as a recording, and opened in place of the views; what is none is refused', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=24&seed=3`);
  await page.getByTestId('train').click();
  await status(page, 'done');
  await page.locator('#maps[data-drawn]').waitFor();
  const loss = (await page.getByTestId('loss').textContent()) ?? '';
  const results = await taken(page, 'open-results', [
    'report.html',
    'metrics.csv',
    'training-loss.png',
    'forecasts.nc',
  ]);
  expect([...results.keys()]).toContain('isobar-tiny-1x1-seed-3-metrics.csv');
  const [report, metrics, picture, forecasts] = results.values();
  const rows = String(metrics).trimEnd().split('\n').slice(1);
  expect(rows.map(row => Number(row.split(',')[0]))).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  expect(Number(rows[23].split(',')[2]).toPrecision(3)).toBe(Number(loss).toPrecision(3));
  expect(String(report)).toContain('Isobar: tiny, seed 3');
  // Of each of six channels truth, forecast and two errors.
  expect(String(report).match(/<svg class="map"/g)).toHaveLength(24);
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect(picture.readUInt32BE(16)).toBe(1440);
  // NetCDF classic with 64-bit offsets; sixteen starts are scored.
  expect([forecasts.subarray(0, 4).toString(), forecasts.readUInt32BE(4)]).toEqual(['CDF\x02', 16]);
  expect(await page.locator('#status').textContent(), 'what was made for it is over').toBe('Done');
  await show(page, 'details');
  const download = page.waitForEvent('download');
  await page.getByTestId('save-recording').click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('isobar-tiny-1x1-seed-3.isobar.gz');
  const file = await saved.path();
  await page
    .getByTestId('recording-saved')
    .getByText(/isobar-tiny.*(KiB|MiB)/)
    .waitFor();

  const open = (name: string) => page.getByTestId(name);
  await open('recording-input').setInputFiles({
    ...{ name: 'other.isobar.gz', mimeType: 'application/gzip' },
    buffer: Buffer.from('no recording'),
  });
  const refusal = page.locator('[data-topic=recording]');
  await refusal.waitFor();
  expect(await refusal.textContent()).toMatch(/other\.isobar\.gz.*This file is no recording/);
  expect(await page.getByTestId('player').count()).toBe(0);

  await open('recording-input').setInputFiles(file);
  await page.getByTestId('player').waitFor();
  expect(await refusal.count()).toBe(0);
  expect(await page.getByTestId('train').isVisible()).toBe(false);
  await toEnd(page);
  expect(await page.getByTestId('play-words').textContent()).toContain('trained, step 24 of 24');
  await page.locator('#maps[data-drawn]').waitFor();
  await page.getByTestId('play-back').click();
  await page.getByTestId('player').waitFor({ state: 'detached' });
  expect(await page.getByTestId('reset').isVisible()).toBe(true);
  expect(await stepOf(page)).toBe(24);
  expect(await page.locator('#maps').count()).toBe(1);

  // The recording, and a table of the terminal, under the present run; then the present run under the next.
  const lay = (name: string, buffer: Buffer) =>
    page.getByTestId('lay-file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  const beside = page.getByTestId('kept-run');
  await show(page, '');
  await lay('own.isobar.gz', await readFile(file));
  await beside.getByText('own.isobar.gz').waitFor();
  await lay('notes.txt', Buffer.from('notes'));
  await page.locator('[data-topic=kept-runs]').getByText('no column step').waitFor();
  await lay('metrics.csv', metrics);
  await beside.getByText('metrics.csv').waitFor();
  expect(await page.locator('[data-topic=kept-runs]').count()).toBe(0);
  // Each step and smoothed, and the two.
  const curvesAre = (wanted: number) =>
    page.waitForFunction(
      count => document.querySelectorAll('#loss-chart svg.plot > path[fill=none]').length === count,
      wanted,
    );
  await curvesAre(4);
  await show(page, 'details');
  await page.getByTestId('seed').fill('5');
  await page.getByTestId('seed').press('Enter');
  await page.getByTestId('train').click();
  await status(page, 'done');
  await show(page, '');
  await beside.getByText('the run before: seed 3').waitFor();
  await curvesAre(5);
  await page.getByTestId('keep-curve').check();
  // What is being stored when a page is left may be lost, as of any page.
  await page.waitForFunction(async () => {
    const opening = indexedDB.open('isobar-curves');
    const database = await new Promise<IDBDatabase>(resolve => {
      opening.onsuccess = () => resolve(opening.result);
    });
    const counting = database.transaction('runs').objectStore('runs').count();
    const count = await new Promise<number>(resolve => {
      counting.onsuccess = () => resolve(counting.result);
    });
    database.close();
    return count === 4;
  });
  await page.reload();
  await page.getByTestId('kept-run').nth(3).waitFor();
  // Other settings than the first: what is kept is named anew.
  await page.getByTestId('drop-curve').first().click();
  expect(await page.getByTestId('kept-run').count()).toBe(3);
  expect(problems).toEqual([]);
});

/**
 * Measured where these pictures are from: the same twice, 0. DejaVu Sans Condensed, a tenth narrower: 5 % of the places, 1 % of
 * the colours, 2 % of the height. Two panels in each other's place: 17 % and more of the places. An owner of another colour:
 * 8 % of the colours and more.
 */
const most = { places: 0.1, colours: 0.05, height: 0.05 };

test('the pictures in docs/ show what the page looks like', async ({ browser, pageUrl }) => {
  const context = await openContext(browser, pictureContext);
  const pictures = await drawPictures(await context.newPage(), pageUrl);
  const blank = await context.newPage();
  for (const [name, now] of pictures) {
    const path = `docs/${name}.png`;
    const { places, colours, height } = await difference(blank, await readFile(root + path), now);
    const why = `${path} shows another page: where that is meant, run npm run pictures. ${JSON.stringify({ places, colours, height })}`;
    expect(places, why).toBeLessThan(most.places);
    expect(colours, why).toBeLessThan(most.colours);
    expect(Math.abs(height - 1), why).toBeLessThan(most.height);
  }
  await context.close();
});
