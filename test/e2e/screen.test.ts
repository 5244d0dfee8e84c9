/** The page as a whole: one screen, views with addresses, what assistive technology finds, a phone. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { hideables, hideNames } from '../../src/ui/worksheet/hidden.ts';
import { waveFile } from '../node/data/wave-store.ts';
import { openContext, test } from './fixture.ts';
import { faults, scrolls } from './look-over.ts';
import { show, status, stepOf } from './mesh-page.ts';

const tiny = '?preset=tiny&steps=12&seed=3';
const views = [
  '',
  'board',
  'timeline',
  'step',
  'lesson',
  'details',
  'data',
  'share',
  'class',
  'study',
  'plan',
] as const;

test('axe finds nothing in any view, dark or light', async ({ browser, pageUrl }) => {
  const context = await openContext(browser, {
    colorScheme: 'dark',
    viewport: { width: 1280, height: 800 },
  });
  const page = await context.newPage();
  const look = async (view: string) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await faults(page), `${view}, ${colorScheme}`).toEqual([]);
    }
  };
  await page.goto(`${pageUrl}${tiny}&mesh=1x2`);
  await status(page, 'ready');
  await look('before training');
  await page.getByTestId('train').click();
  await status(page, 'done');
  for (const view of views) {
    await show(page, view);
    await page.locator(`main[data-view=${view || 'home'}]`).waitFor();
    if (view === 'share') await page.getByTestId('room-laptops').waitFor();
    if (view === 'plan') await askedElsewhere(page);
    if (view === 'study') {
      await page.getByTestId('study-example').click();
      await page.locator('isobar-study-chart svg').first().waitFor();
      await page.getByTestId('study-take-example').click();
      await page.getByTestId('study-start').waitFor();
    }
    await look(view);
  }
  await context.close();
});

/** The plan view says what a step takes on other machines, by its address too, and what is none. */
async function askedElsewhere(page: Page): Promise<void> {
  const facts = page.getByTestId('plan-facts');
  await facts.waitFor();
  await page.evaluate(() => {
    location.hash = '#/plan?preset=published-0.25&mesh=1x2&gpu=T4&link=lan';
  });
  await page.getByText('published-0.25 on a mesh of 1x2: 2 Tesla T4').waitFor();
  await page.getByTestId('plan-mesh').fill('2x2');
  await page.getByTestId('plan-gpu').selectOption('H100');
  await page.getByText('published-0.25 on a mesh of 2x2: 4 H100').waitFor();
  expect(new URL(page.url()).hash).toBe('#/plan?preset=published-0.25&mesh=2x2&gpu=H100&link=lan');
  expect(await page.getByTestId('plan-reason').textContent()).toContain('samples a second');
  await page.getByTestId('plan-mesh').fill('2by2');
  await page.getByTestId('plan-mesh').blur();
  await page.getByTestId('plan-fault').filter({ hasText: '"2by2" is no cut' }).waitFor();
  await page.getByTestId('plan-mesh').fill('2x2');
  await page.getByTestId('plan-mesh').blur();
  await facts.waitFor();
}

test('one screen holds all of it; a mesh is cut where it is seen, moves nothing, and stands in the address', async ({
  browser,
  pageUrl,
}) => {
  const context = await openContext(browser, { viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${pageUrl}${tiny}`);
  await status(page, 'ready');
  expect(await scrolls(page)).toEqual({ across: 0, down: 0 });
  await page.evaluate(() => {
    Object.assign(window, { shifted: 0 });
    new PerformanceObserver(list => {
      for (const entry of list.getEntries())
        Object.assign(window, { shifted: Reflect.get(window, 'shifted') + Reflect.get(entry, 'value') });
    }).observe({ type: 'layout-shift' });
  });
  const machine = page.locator('isobar-machine');
  await machine.getByRole('button', { name: '2x2' }).click();
  await machine.locator('[data-id="r:3"]').first().waitFor();
  await status(page, 'ready');
  expect(new URL(page.url()).search).toBe(`${tiny}&mesh=2x2`);
  expect(await page.evaluate(() => Reflect.get(window, 'shifted'))).toBeLessThan(0.1);

  await page.getByTestId('train').click();
  await status(page, 'done');
  await page.locator('isobar-last-step').getByText('four ranks take turns').waitFor();
  await page.locator('isobar-last-step').getByRole('link').click();
  await page.locator('isobar-timeline canvas').waitFor();
  expect(new URL(page.url()).hash).toBe('#/timeline');
  await page.goBack();
  await page.locator('main[data-view=home]').waitFor();
  expect(await stepOf(page)).toBe(12);

  // A copied link sets up the same run, and its numbers are the same; over worse links too.
  const other = await context.newPage();
  const copied = new URL(page.url());
  copied.searchParams.set('link', 'cable');
  await other.goto(`${copied}`);
  await status(other, 'ready');
  await other.getByTestId('train').click();
  await status(other, 'done');
  expect(await other.getByTestId('loss').textContent()).toBe(await page.getByTestId('loss').textContent());
  expect(await other.getByTestId('link').inputValue()).toBe('cable');
  await context.close();
});

test('one step is one step, by the keyboard too', async ({ page, pageUrl, problems }) => {
  await page.goto(pageUrl + tiny);
  await status(page, 'ready');
  for (const step of [1, 2, 3]) {
    // The focus stays on the button for the next one.
    if (step === 1) await page.getByTestId('one-step').focus();
    else await page.locator('[data-testid=one-step]:focus').waitFor();
    await page.keyboard.press('Enter');
    await status(page, 'paused');
    await page.locator(`[data-testid=step][data-step="${step}"]`).waitFor();
  }
  // What the last one did can be seen.
  await page.locator('isobar-last-step').getByRole('heading', { name: 'The last step' }).waitFor();
  await page.getByTestId('resume').click();
  await status(page, 'done');
  expect(await stepOf(page)).toBe(12);

  // A worksheet leaves out what a link names, in whatever view it is, and nothing else.
  await show(page, 'details');
  await page.getByTestId('worksheet').locator('summary').click();
  for (const name of hideNames) await page.locator(`[data-hide="${name}"]`).check();
  const link = await page.getByTestId('worksheet-link').inputValue();
  expect(link).toBe(`${pageUrl}${tiny}&hide=${hideNames.join('+')}#/`);
  const parts = () =>
    page.evaluate(
      all =>
        all.map(([name, selector]) => {
          const found = [...document.querySelectorAll<HTMLElement>(selector)];
          return { name, isThere: found.length > 0, isShown: found.some(part => part.checkVisibility()) };
        }),
      hideNames.map(name => [name, hideables[name].selector] as const),
    );
  await page.goto('about:blank');
  await page.goto(link);
  await page.locator('isobar-machine .owners').waitFor();
  // What is shared is loaded with its view, and hidden all the same.
  await show(page, 'share');
  await page.getByTestId('link').waitFor({ state: 'attached' });
  for (const view of ['share', 'details', ''] as const) {
    await show(page, view);
    await page.locator(`main[data-view=${view || 'home'}]`).waitFor();
    for (const { name, isThere, isShown } of await parts()) {
      expect(isThere, name).toBe(true);
      expect(isShown, name).toBe(false);
    }
  }
  expect(await page.getByTestId('train').isVisible()).toBe(true);
  expect(await faults(page)).toEqual([]);
  expect(await page.getByTestId('worksheet-note').textContent()).toContain(
    `${hideNames.length} parts are hidden`,
  );
  await page.getByTestId('show-all').click();
  expect(page.url()).toBe(`${pageUrl}${tiny}#/`);
  expect(await page.getByTestId('worksheet-note').isVisible()).toBe(false);
  expect((await parts()).filter(({ isShown }) => isShown).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['board', 'preset', 'mesh', 'scores', 'one-step', 'compare', 'last-step']),
  );
  expect(problems).toEqual([]);
});

test('a phone shows one column, and what steers the run at its foot', async ({ browser, pageUrl }) => {
  const context = await openContext(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await context.newPage();
  await page.goto(pageUrl + tiny);
  await status(page, 'ready');
  await page.locator('#maps[data-drawn]').waitFor();
  expect((await scrolls(page)).across).toBe(0);
  const tops = await Promise.all(
    ['isobar-weather', '.learning', 'isobar-machine', '.last-step'].map(
      async selector => (await page.locator(selector).boundingBox())!.y,
    ),
  );
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  for (const down of [0, 2000]) {
    await page.evaluate(y => scrollTo(0, y), down);
    const train = (await page.getByTestId('train').boundingBox())!;
    expect(train.y).toBeGreaterThan(760);
    expect(train.y + train.height).toBeLessThan(845);
  }
  for (const view of views) {
    await show(page, view);
    await page.locator(`main[data-view=${view || 'home'}]`).waitFor();
    // Its tables are there when it has been worked out.
    if (view === 'plan') await page.getByTestId('plan-reason').waitFor();
    expect((await scrolls(page)).across, view).toBe(0);
  }
  expect(await faults(page)).toEqual([]);
  await context.close();
});

test('a file of other steps than the model is meant for is told of; after a run a bad one is found at once', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}${tiny}#/data`);
  await status(page, 'ready');
  await page.getByTestId('train').click();
  await status(page, 'done');
  const open = (name: string, buffer: Buffer) =>
    page.getByTestId('file-input').setInputFiles({ name, mimeType: 'application/x-netcdf', buffer });
  await open('notes.nc', Buffer.from('not NetCDF'));
  await page.getByTestId('error').filter({ hasText: 'notes.nc' }).waitFor();
  await page.getByTestId('notice').filter({ hasText: 'The run before is kept' }).waitFor();
  await open('waves.nc', Buffer.from(waveFile()));
  await page.getByTestId('data-source').filter({ hasText: 'waves.nc' }).waitFor();
  await status(page, 'ready');

  // Regional has nothing to score while it trains: its curve is by lead time, and there when it is done.
  await page.getByTestId('preset').selectOption('regional');
  await show(page, 'details');
  await page.getByTestId('steps').fill('3');
  await page.getByTestId('steps').press('Tab');
  await show(page, '');
  await page.getByTestId('train').click();
  await status(page, 'done');
  expect(await page.getByTestId('skill-axis').inputValue()).toBe('at');
  await page.locator('[data-testid=skill-chart]:not([data-points="0"])').waitFor();
  expect(problems).toEqual([]);
});
