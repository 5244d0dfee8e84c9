/** What tests do on the page, that of a host or of a guest. */
import type { BrowserContext, Page } from 'playwright-core';
import type { ViewName } from '../../src/ui/shell/route.ts';

export const status = (page: Page, wanted: string) =>
  page.locator(`[data-testid=status][data-status=${wanted}]`).waitFor();

/** Shows a view of the page, as a press of its link does. */
export const show = (page: Page, view: Exclude<ViewName, 'home'> | '') =>
  page.evaluate(name => {
    location.hash = `#/${name}`;
  }, view);

export const joined = (page: Page, state: string) =>
  page.locator(`[data-testid=join-status][data-state=${state}]`).waitFor();

export const stepOf = async (page: Page) => Number(await page.getByTestId('step').getAttribute('data-step'));

export const pastStep = (page: Page, step: number) =>
  page.waitForFunction(
    least => Number(document.querySelector<HTMLElement>('[data-testid=step]')?.dataset.step) > least,
    step,
  );

export const ranks = (page: Page) => page.getByTestId('rank-table').locator('tbody tr');

/** Waits until a rank has told what it does, its waiting for data among it. */
export const reported = (page: Page, rank: number) =>
  page
    .locator(`[data-testid=rank-table] [data-rank="${rank}"] .share-bar .data`)
    .waitFor({ state: 'attached' });

/** A press of the button, and the tab that it opens; the page stays in front, for those behind draw once a second. */
export async function openTab(page: Page, context: BrowserContext): Promise<Page> {
  const opened = context.waitForEvent('page');
  await page.getByTestId('open-tab').click();
  const tab = await opened;
  await page.bringToFront();
  return tab;
}

/** Why a page is gone that was closed: Chromium ends one that is busy for half a second before it has said goodbye. */
export const endings = 'its page was closed|nothing was heard from it for 4 s';

/** What the page says and offers when a rank is lost. */
export const lossAlert = (page: Page) => page.locator('[data-topic=peer-lost]');

/** Pauses, which saves a checkpoint, and goes on. @returns its step */
export async function saveOnce(page: Page): Promise<number> {
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  const saved = await stepOf(page);
  await page.getByTestId('resume').click();
  await pastStep(page, saved);
  return saved;
}
