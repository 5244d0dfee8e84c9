/** What people see when the page of the host is closed: who keeps what, the offer to take over, and how it goes on. */
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { joined, openTab, pastStep, saveOnce, status, stepOf } from './mesh-page.ts';

async function admittedTab(page: Page, context: BrowserContext): Promise<Page> {
  const tab = await openTab(page, context);
  await joined(tab, 'admitted');
  return tab;
}

test('two tabs go on without the page that opened them', async ({ page, pageUrl, context, problems }) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3`);
  await status(page, 'ready');
  const first = await admittedTab(page, context);
  const second = await admittedTab(page, context);
  await page.getByTestId('mesh').selectOption('1x3');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  const saved = await saveOnce(page);
  await page.close();

  await joined(first, 'host-gone');
  await joined(second, 'host-gone');
  expect(await second.getByTestId('join-status').textContent()).toContain(
    'The host is gone: its page was closed',
  );
  await first.getByTestId('take-over').waitFor();
  expect(await first.getByTestId('take-over-words').textContent()).toContain(
    `its part of the checkpoint of step ${saved} of 5 000`,
  );
  await first.getByTestId('take-over').click();

  await status(first, 'paused');
  await joined(second, 'seated');
  expect(await stepOf(first)).toBe(saved);
  expect(await first.getByTestId('mesh').inputValue()).toBe('1x2');
  expect(await first.getByTestId('notice').textContent()).toContain(`goes on from step ${saved} of 5 000`);
  expect(await first.getByTestId('rank-table').textContent()).toContain('Tab 2');
  expect(await second.getByTestId('take-over').isVisible()).toBe(false);
  expect(await second.getByTestId('piece-host').textContent()).toBe('Tab 1');
  await first.getByTestId('resume').click();
  await pastStep(first, saved);
  expect(problems).toEqual([]);
});

test('where shards are missing the page says so, and looks again when asked', async ({
  page,
  pageUrl,
  context,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3`);
  await status(page, 'ready');
  const tab = await admittedTab(page, context);
  await page.getByTestId('mesh').selectOption('1x2');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  await page.close();
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
  await tab.getByTestId('train').click();
  await pastStep(tab, 0);
});
