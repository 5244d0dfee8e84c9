/** The board while a run trains: it follows what the run's own traces say, and rests when nobody sees it. */
import { expect } from 'vitest';
import { openContext, test } from './fixture.ts';
import { show, status } from './mesh-page.ts';

test('while 2x2 trains, the board replays its last sampled step: pieces light up, and it says how slow', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&mesh=2x2&steps=2000#/board`);
  await status(page, 'ready');
  const board = page.locator('isobar-board');
  await board.getByText('No step has been sampled yet').waitFor();
  await page.getByTestId('train').click();
  await board.locator('.live-speed', { hasText: /step \d+, .*ms, replay ×\d/ }).waitFor();
  await board.locator('.weights .piece[data-live=work]').first().waitFor();
  await board.locator('.live-dots circle:not([visibility])').first().waitFor({ state: 'attached' });
  await board.locator('.live-said', { hasText: /Ranks? .* computes?: / }).waitFor();
  // Out of sight nothing of it goes on.
  await show(page, 'details');
  await page.waitForFunction(() => !document.querySelector('isobar-board')?.matches('.is-live'));
  expect(await page.locator('isobar-board [data-live]').count()).toBe(0);
  await show(page, 'board');
  await board.locator('.live-speed', { hasText: 'replay' }).waitFor();
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  // At rest again, in full colour, and any moment can be gone to.
  await page.waitForFunction(() => !document.querySelector('isobar-board')?.classList.contains('is-live'));
  await board.locator('.live-slider').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await board.locator('.live-state', { hasText: /\w/ }).first().waitFor();
  expect(await board.locator('.live-slider').getAttribute('aria-valuetext')).toMatch(/Rank/);
  expect(problems).toEqual([]);
});

test('where motion is to be reduced nothing moves by itself: steps are gone through by hand, to the same states', async ({
  browser,
  pageUrl,
}) => {
  const context = await openContext(browser, { reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${pageUrl}?preset=tiny&mesh=1x2&steps=2000#/board`);
  await status(page, 'ready');
  const board = page.locator('isobar-board');
  await page.getByTestId('train').click();
  // A step is sampled: the moment can be chosen, and there is nothing that would play it.
  await board.locator('.live-slider').waitFor();
  expect(await board.getByRole('button', { name: 'Replay' }).count()).toBe(0);
  expect(await board.evaluate(element => element.classList.contains('is-live'))).toBe(false);
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  await board.locator('.live-slider').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await board.locator('.live-state', { hasText: /\w/ }).first().waitFor();
  await context.close();
});
