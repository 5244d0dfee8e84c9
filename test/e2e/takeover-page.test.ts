/** What people see when the page of the host is closed: who keeps what, the offer to take over, and how it goes on. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { waveFile, waveStore } from '../node/data/wave-store.ts';
import { test } from './fixture.ts';
import { endings, joined, openTab, pastStep, saveOnce, show, status, stepOf } from './mesh-page.ts';
import { writeStore } from './store-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-takeover-'));
  await writeStore(join(folder, 'waves.zarr'), { ...waveStore(), consolidated: false });
  await writeFile(join(folder, 'waves.nc'), new Uint8Array(waveFile()));
  await mkdir(join(folder, 'notes'));
  await writeFile(join(folder, 'notes', 'notes.nc'), 'no data');
});
afterAll(() => rm(folder, { recursive: true }));

async function admittedTab(page: Page, context: BrowserContext): Promise<Page> {
  const tab = await openTab(page, context);
  await joined(tab, 'admitted');
  return tab;
}

test('two tabs go on without the page that opened them', async ({ page, pageUrl, context, problems }) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3#/share`);
  await status(page, 'ready');
  const first = await admittedTab(page, context);
  const second = await admittedTab(page, context);
  await page.getByTestId('mesh').selectOption('1x3');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  const saved = await saveOnce(page);
  await page.close();
  await first.bringToFront();

  await joined(first, 'host-gone');
  await joined(second, 'host-gone');
  expect(await second.getByTestId('join-status').textContent()).toMatch(
    new RegExp(`^The host is gone: (${endings})`),
  );
  await first.getByTestId('take-over').waitFor();
  expect(await first.getByTestId('take-over-words').textContent()).toContain(
    `its part of the checkpoint of step ${saved} of 5\u202f000`,
  );
  await first.getByTestId('take-over').click();

  await status(first, 'paused');
  await joined(second, 'seated');
  expect(await stepOf(first)).toBe(saved);
  expect(await first.getByTestId('mesh').inputValue()).toBe('1x2');
  expect(await first.getByTestId('notice').textContent()).toContain(
    `goes on from step ${saved} of 5\u202f000`,
  );
  expect(await first.getByTestId('rank-table').textContent()).toContain('Tab 2');
  expect(await second.getByTestId('take-over').isVisible()).toBe(false);
  expect(await second.getByTestId('piece-host').textContent()).toBe('Tab 1');
  await first.getByTestId('resume').click();
  await pastStep(first, saved);
  expect(problems).toEqual([]);
});

test('a browser that has no room keeps its shards in memory, and goes on from there', async ({
  page,
  pageUrl,
  context,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3#/share`);
  await status(page, 'ready');
  // From now on no worker can store anything: those of the tab.
  await context.route('**/*worker-*.js*', async route => {
    const response = await route.fetch();
    const full =
      'IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };';
    await route.fulfill({ response, body: full + (await response.text()) });
  });
  const tab = await admittedTab(page, context);
  await page.getByTestId('mesh').selectOption('1x2');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  const saved = await saveOnce(page);
  await page
    .getByTestId('warning')
    .filter({
      hasText: 'Rank 1: the storage of its browser is full, so its copies of the checkpoint are kept',
    })
    .waitFor();
  await page.close();
  await tab.bringToFront();
  await tab.getByTestId('take-over').click();
  await status(tab, 'paused');
  expect(await stepOf(tab)).toBe(saved);
  expect(await tab.getByTestId('warning').textContent()).toMatch(
    /The run that was taken over \([\d.]+\u00a0[KM]iB\) could not be saved in this browser \(no room\)\./,
  );
  await tab.getByTestId('resume').click();
  await pastStep(tab, saved);
});

/** What a user chooses in the page: a store in a folder, or files; and the wrong ones. */
const chosen = [
  {
    what: 'folder',
    name: 'waves.zarr',
    wrong: 'notes',
    channels: 3,
    async open(page: Page) {
      await show(page, 'data');
      await page.getByTestId('open-store').click();
      await page.getByText('Only a part of it').click();
      await page.getByTestId('part-variables').fill('geopotential');
      await page.getByTestId('store-folder').setInputFiles(join(folder, this.name));
    },
  },
  {
    what: 'data files',
    name: 'waves.nc',
    wrong: 'notes/notes.nc',
    channels: 4,
    async open(page: Page) {
      await show(page, 'data');
      await page.getByTestId('file-input').setInputFiles(join(folder, this.name));
    },
  },
];

test.for(chosen)(
  'a run on data that its host chose goes on when they are given again: $what',
  async (data, { page, pageUrl, context }) => {
    // The picker of the browser is out of a test's reach; without it the page falls back to an input.
    await context.addInitScript('delete window.showDirectoryPicker');
    await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3#/share`);
    await status(page, 'ready');
    const tab = await admittedTab(page, context);
    await page.getByTestId('mesh').selectOption('1x2');
    await data.open(page);
    await page.getByTestId('data-split').waitFor();
    await page.getByTestId('train').click();
    await pastStep(page, 0);
    const saved = await saveOnce(page);
    await page.close();
    await tab.bringToFront();
    await tab.getByTestId('take-over').click();
    await tab
      .getByTestId('notice')
      .filter({ hasText: `goes on from step ${saved} of 5\u202f000` })
      .waitFor();
    const again = tab.getByTestId('resume-saved');
    const give = async (path: string) => {
      await again.filter({ hasText: `Choose the ${data.what} and resume` }).waitFor();
      const [chooser] = await Promise.all([tab.waitForEvent('filechooser'), again.click()]);
      await chooser.setFiles(join(folder, path));
    };
    await give(data.wrong);
    await tab.getByTestId('error').waitFor();
    await give(data.name);
    await status(tab, 'paused');
    expect(await again.isVisible()).toBe(false);
    expect(await stepOf(tab)).toBe(saved);
    expect(await tab.getByTestId('data-source').textContent()).toBe(data.name);
    expect(await tab.getByTestId('data-note').textContent()).toContain(`${data.channels} channels`);
    await tab.getByTestId('resume').click();
    await pastStep(tab, saved);
  },
);

test('where shards are missing the page says so, and looks again when asked', async ({
  page,
  pageUrl,
  context,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3#/share`);
  await status(page, 'ready');
  const tab = await admittedTab(page, context);
  await page.getByTestId('mesh').selectOption('1x2');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  await page.close();
  await tab.bringToFront();
  await tab.getByTestId('take-over').waitFor();
  // The browser has cleared its storage meanwhile.
  await tab.evaluate(
    () =>
      new Promise(resolve => {
        indexedDB.deleteDatabase('isobar-copies').onsuccess = resolve;
      }),
  );
  await tab.getByTestId('take-over').click();
  const error = tab.getByTestId('error').filter({ hasText: 'This page is the host now, but' });
  await error.waitFor();
  expect(await error.textContent()).toContain('hold no whole checkpoint');
  await status(tab, 'idle');
  await tab.getByRole('button', { name: 'Look again' }).click();
  await error.waitFor();
  // It is a host like any other.
  await tab.getByTestId('preset').selectOption('tiny');
  await tab.getByTestId('train').click();
  await pastStep(tab, 0);
});
