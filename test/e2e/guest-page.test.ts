/** The page of a guest is the page itself: it shows the run of its host, with its own piece lit, and steers nothing. */
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { faults, scrolls } from './look-over.ts';
import { joined, pastStep, status } from './mesh-page.ts';

const withoutWebGpu = () => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });

async function openRoom(page: Page): Promise<string> {
  await page.getByTestId('invite').click();
  await page.getByTestId('open-room').click();
  const link = page.getByTestId('invite-link');
  await link.waitFor();
  return link.inputValue();
}

async function letIn(host: Page, context: BrowserContext, address: string, name: string, watches = false) {
  const guest = await context.newPage();
  if (watches) await guest.addInitScript(withoutWebGpu);
  await guest.goto(address);
  await guest.getByTestId('join-name').fill(name);
  await guest.getByTestId('ask').click();
  await host.getByTestId('asking').getByText(name).waitFor();
  await host.getByTestId('admit').click();
  await joined(guest, 'admitted');
  return guest;
}

const runStatus = (guest: Page, wanted: string) =>
  guest.locator(`[data-testid=run-status][data-status=${wanted}]`).waitFor();
const go = (guest: Page, view: string) => guest.locator(`.views a[data-view=${view}]`).click();
const lossesOn = (guest: Page) => guest.locator('[data-testid=played-loss-chart]:not([data-points="0"])');

test('a guest sees its pieces, the loss, the weather and the lanes; who has no WebGPU watches', async ({
  page,
  pageUrl,
  context,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000&seed=3#/share`);
  await status(page, 'ready');
  const address = await openRoom(page);
  const guest = await letIn(page, context, address, 'Ann');
  const watcher = await letIn(page, context, address, 'Wim', true);
  expect(await watcher.getByTestId('join-status').textContent()).toContain('You watch');
  const wrong: string[] = [];
  for (const each of [guest, watcher]) each.on('pageerror', ({ message }) => wrong.push(message));

  // The watcher gets no rank, though there is one to be had.
  await page.getByTestId('mesh').selectOption('1x3');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  await joined(guest, 'seated');
  await joined(watcher, 'seated');
  expect(await page.getByTestId('rank-table').textContent()).toMatch(/this page.*Ann.*this page/s);

  for (const each of [guest, watcher]) {
    await each.bringToFront();
    await runStatus(each, 'running');
    await lossesOn(each).waitFor();
    await each.locator('#maps[data-drawn]').waitFor();
    await each.locator('isobar-last-step').getByText('The last step').waitFor();
    await each.locator('isobar-machine .owners li').nth(2).waitFor();
    expect(await each.title()).toBe(each === guest ? 'Isobar: rank 1' : 'Isobar: no rank');
    // What steers the run is the host's.
    for (const steering of ['train', 'pause', 'one-step', 'reset'])
      expect(await each.getByTestId(steering).count()).toBe(0);
    expect(await each.getByTestId('leave').isVisible()).toBe(true);
  }
  const lit = guest.locator('isobar-machine .owners .is-lit');
  expect(await lit.count()).toBe(1);
  expect(await lit.textContent()).toContain('you');
  expect(await guest.locator('isobar-machine .piece.is-lit').count()).toBe(3);
  expect(await watcher.locator('isobar-machine .is-lit').count()).toBe(0);
  expect(await watcher.getByTestId('piece-words').textContent()).toContain('holds no piece of the mesh 1x3');

  await page.bringToFront();
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  await guest.bringToFront();
  await runStatus(guest, 'paused');
  expect(await guest.getByTestId('piece-status').textContent()).toBe('paused by the host');
  const loss = await guest.getByTestId('played-loss').textContent();
  expect(Number(loss)).toBeGreaterThan(0);

  // Views have addresses, which lead to the room as well.
  for (const view of ['home', 'board', 'lesson', 'timeline']) {
    await go(guest, view);
    await guest.locator(`main[data-view=${view}]`).waitFor();
    if (view === 'lesson') await guest.locator('#lesson-text h2').first().waitFor();
    expect(await faults(guest), view).toEqual([]);
    expect(guest.url()).toBe(`${address}#/${view === 'home' ? '' : view}`);
    for (const width of [1280, 390]) {
      await guest.setViewportSize({ width, height: 844 });
      expect((await scrolls(guest)).across, `${view} at ${width}`).toBe(0);
    }
    await guest.setViewportSize({ width: 1280, height: 800 });
  }
  await guest.locator('isobar-timeline canvas').waitFor();
  await guest.locator('.skip').press('Enter');
  expect(await guest.evaluate(() => document.activeElement?.id)).toBe('app');
  expect(guest.url()).toBe(`${address}#/timeline`);

  // Values of the model are for those whom the host lets look, and only as long as it does.
  const mayLook = page.getByTestId('guests-look');
  const step = guest.locator('.views a[data-view=step]');
  expect(await step.count()).toBe(0);
  await mayLook.check();
  await step.click();
  const maps = guest.locator('#step-view isobar-heat-map');
  await maps.first().waitFor();
  await guest.waitForFunction(() =>
    [...document.querySelectorAll('isobar-heat-map')].every(map => 'seen' in map && map.seen !== undefined),
  );
  expect(await faults(guest), 'step').toEqual([]);
  expect(guest.url()).toBe(`${address}#/step`);
  await mayLook.uncheck();
  await guest.getByText('The host lets nobody look').waitFor();
  expect(await maps.count()).toBe(0);
  expect(await step.count()).toBe(0);
  await go(guest, 'home');
  expect((await scrolls(guest)).down).toBe(0);
  await guest.getByText('open the timeline').click();
  await guest.locator('main[data-view=timeline]').waitFor();
  expect(guest.url()).toBe(`${address}#/timeline`);
  await guest.goBack();
  await guest.locator('main[data-view=home]').waitFor();
  await joined(guest, 'seated');

  // To leave ends it, for this page only.
  await watcher.getByTestId('leave').click();
  await joined(watcher, 'closed');
  expect(await watcher.locator('#app').isVisible()).toBe(false);
  await page.bringToFront();
  await page.getByTestId('resume').click();
  await status(page, 'running');
  await runStatus(guest, 'running');
  expect([...problems, ...wrong]).toEqual([]);
});
