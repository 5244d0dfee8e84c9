// npm run record: makes public/recordings/tiny-2x2.isobar.gz, the run that the page plays where nothing can be trained. It
// trains the preset Tiny in the built page, on a mesh of 2x2 in a headless Chromium, and saves what the page records of it.
// npm run record -- FILE: writes another file.
// Losses are the same every time, times are not. On the CPU adapter; ISOBAR_GPU=1 takes the machine's GPU.
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chromiumFlags } from './chromium.mjs';
import { ensureChromium } from './install-browser.mjs';
import { root, setUp } from './setup.mjs';

const address = '?preset=tiny&mesh=2x2&seed=1&steps=200';
/** What a slow machine may take. */
const patienceMs = 10 * 60_000;

setUp();
const { chromium } = await import('playwright-core');
const { servePage } = await import('./serve-page.mjs');

const file = process.argv[2] ?? `${root}public/recordings/tiny-2x2.isobar.gz`;
const server = await servePage('index.html');
const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(patienceMs);
  page.on('pageerror', error => console.error(error.message));
  await page.goto(server.url + address);
  const status = (/** @type {string} */ wanted) =>
    page.locator(`[data-testid=status][data-status=${wanted}]`).waitFor();
  await status('ready');
  // The forecast of the untrained model, and ways to cut side by side, are a part of it.
  await page.locator('#maps[data-drawn]').waitFor();
  await page.evaluate(() => {
    location.hash = '#/board';
  });
  await page
    .locator('.compare tbody')
    .getByText('is being worked out')
    .first()
    .waitFor({ state: 'detached' });
  await page.locator('.compare tbody').getByText('…').first().waitFor({ state: 'detached' });
  await page.evaluate(() => {
    location.hash = '#/';
  });
  await page.getByTestId('train').click();
  await status('done');
  await page.evaluate(() => {
    location.hash = '#/details';
  });
  const download = page.waitForEvent('download');
  await page.getByTestId('save-recording').click();
  await mkdir(dirname(file), { recursive: true });
  await (await download).saveAs(file);
  console.log(`${file}: ${(await stat(file)).size} bytes`);
} finally {
  await browser.close();
  await server.close();
}
