/** The page as a host of others: ranks in workers and tabs, a tab that is closed, and the page of who joins. */
import { expect } from 'vitest';
import { test } from './fixture.ts';

const loss = '[data-testid=loss]';
const ready = '[data-testid=status][data-status=ready]';
const running = '[data-testid=status][data-status=running]';

test('a mesh of workers and a tab trains; a closed tab is named, and the run goes on', async ({
  page,
  pageUrl,
  context,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=100000&seed=1`);
  await page.locator(ready).waitFor();
  const [tab] = await Promise.all([context.waitForEvent('page'), page.getByTestId('open-tab').click()]);
  await tab.locator('[data-testid=join-status][data-state=admitted]').waitFor();

  await page.getByTestId('mesh').selectOption('2x2');
  await page.getByTestId('train').click();
  await page.locator(running).waitFor();
  const ranks = page.locator('[data-testid=rank-table] [data-rank]');
  await page.locator('[data-testid=step]:not([data-step="0"])').waitFor();
  await expect.poll(() => ranks.count()).toBe(4);
  const rows = await ranks.allTextContents();
  expect(rows.filter(row => row.includes('this page'))).toHaveLength(3);

  // Who joined sees the piece it holds.
  await tab.locator('[data-testid=join-status][data-state=seated]').waitFor();
  await tab.getByTestId('piece').waitFor();
  expect(await tab.getByTestId('piece-words').textContent()).toContain('rank 1');
  await expect.poll(async () => tab.getByTestId('piece-step').textContent()).toMatch(/\d/);

  // A checkpoint must be there before the loss can cost nothing.
  await page.locator('#saved-at:not(:empty)').waitFor();
  await tab.close();
  const alert = page.getByTestId('error').first();
  await alert.waitFor();
  expect(await alert.textContent()).toContain('Rank 1');
  await page.getByTestId('error-action').first().click();
  await page.locator(running).waitFor();
  const step = Number(await page.getByTestId('step').getAttribute('data-step'));
  await expect
    .poll(async () => Number(await page.getByTestId('step').getAttribute('data-step')))
    .toBeGreaterThan(step);
  await expect
    .poll(async () => (await ranks.allTextContents()).filter(row => row.includes('this page')).length)
    .toBe(4);
  expect(Number.parseFloat((await page.locator(loss).textContent()) ?? '')).toBeGreaterThan(0);
  expect(problems).toEqual([]);
});
