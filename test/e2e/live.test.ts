/** The board while a run trains: it follows what the run's own traces say, and rests when nobody sees it. The timeline says the same. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ChromeTrace, Slice } from '../../src/show/chrome-trace.ts';
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
  // Before training one is tried.
  await board.locator('.live-speed', { hasText: 'tried out' }).waitFor();
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
  await sameAsItsTrace(page);
  await context.close();
});

/** What the timeline shows of the last sampled step, and the trace of it that is saved. */
async function sameAsItsTrace(page: Page): Promise<void> {
  await show(page, 'timeline');
  const timeline = page.locator('isobar-timeline');
  await timeline.locator('canvas').waitFor();
  await timeline.getByText(/predicted: own work .* %\)/).waitFor();
  const saving = page.waitForEvent('download');
  await timeline.getByRole('button', { name: 'Chrome trace' }).click();
  const { traceEvents }: ChromeTrace = JSON.parse(await readFile(await (await saving).path(), 'utf8'));
  const slices = traceEvents.filter((event): event is Slice => event.ph === 'X');
  const [step] = slices.filter(({ cat }) => cat === 'step');
  expect(await timeline.locator('strong').textContent()).toBe(step.name);
  const spans = slices.filter(({ cat }) => cat === 'device' || cat === 'data' || cat === 'link');
  const begun = Math.min(...spans.map(({ ts }) => ts));
  const tookMs = (Math.max(...spans.map(({ ts, dur }) => ts + dur)) - begun) / 1000;
  const msIn = (text: string | null) => Number(/([\d.]+)\sms/.exec(text ?? '')?.[1]);
  // Three digits are shown.
  const near = (shown: string | null, ms: number) => Math.abs(msIn(shown) - ms) <= 0.006 * ms + 1e-9;
  const head = await timeline.locator('.timeline-head > span').textContent();
  expect(near(head, tookMs), `${head} of ${tookMs} ms`).toBe(true);

  await timeline.locator('summary').click();
  const rows = timeline.locator('.span-table tbody tr');
  await timeline.getByRole('searchbox').fill('adam');
  const updates = spans.filter(({ name }) => name.includes('adam')).sort((a, b) => a.ts - b.ts);
  await timeline.locator('output').getByText(`${updates.length} spans`).waitFor();
  expect(updates.length).toBeGreaterThan(0);
  expect(await rows.count()).toBe(updates.length);
  for (const [i, { pid, ts, dur }] of updates.entries()) {
    const [rank, begins, takes] = await rows.nth(i).locator('th, td').allTextContents();
    const told = `${rank}: ${begins}, ${takes}`;
    expect(rank, told).toBe(String(pid));
    expect(near(begins, (ts - begun) / 1000), told).toBe(true);
    expect(near(takes, dur / 1000), told).toBe(true);
  }
}
