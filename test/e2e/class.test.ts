/** A teacher and a class: a wall that shows pupils who train, each in a page of their own, and pages that do what it says. */
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { faults } from './look-over.ts';
import { joined, lossAlert, pastStep, status, stepOf } from './mesh-page.ts';

const tiny = '?preset=tiny&steps=100000&seed=3';

const card = (teacher: Page, name: string, state?: string) =>
  teacher.locator(`[data-testid=pupil][data-name="${name}"]${state ? `[data-state=${state}]` : ''}`);

const phase = (pupil: Page, wanted: string) =>
  pupil.locator(`[data-testid=pupil-band][data-phase=${wanted}]`).waitFor();

/** What makes a page wider than its window. */
const tooWide = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const isOutside = (each: Element) => each.getBoundingClientRect().right > clientWidth;
    return [...document.querySelectorAll('body *')]
      .filter(isOutside)
      .map(each => `${each.tagName} ${each.getAttribute('class') ?? ''}`);
  });

/** Rooms of tabs are of one browser, but pupils have one each: what one has read and predicted is not in the other's page. */
function ownLocalStorage(owner: string): void {
  const { getItem, setItem, removeItem } = Storage.prototype;
  const ownKey = (storage: Storage, key: string) => (storage === localStorage ? `${owner}: ${key}` : key);
  Storage.prototype.getItem = function (key) {
    return getItem.call(this, ownKey(this, key));
  };
  Storage.prototype.setItem = function (key, value) {
    setItem.call(this, ownKey(this, key), value);
  };
  Storage.prototype.removeItem = function (key) {
    removeItem.call(this, ownKey(this, key));
  };
}

async function join(context: BrowserContext, link: string, name: string, webgpu = true): Promise<Page> {
  const pupil = await context.newPage();
  await pupil.addInitScript(ownLocalStorage, name);
  if (!webgpu) {
    await pupil.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
    });
  }
  await pupil.goto(link);
  await pupil.getByTestId('pupil-name').fill(name);
  await pupil.getByTestId('pupil-join').click();
  return pupil;
}

// Four pages on two cores, one step after the other: half the time that a test has by default, where nothing else runs.
test('a class: pupils join by the link, the wall shows them, and their pages do what the teacher says', {
  timeout: 300_000,
}, async ({ page: teacher, context, pageUrl, problems }) => {
  await teacher.goto(`${pageUrl}${tiny}#/share`);
  await status(teacher, 'ready');
  await teacher.getByTestId('share-class').click();
  const link = await teacher.getByTestId('class-link').inputValue();
  expect(link).toContain(`${tiny}#class=tabs.`);
  const ann = await join(context, link, 'Ann');
  await card(teacher, 'Ann', 'asking').waitFor();
  await phase(ann, 'asking');
  await teacher.getByTestId('admit-pupil').click();
  await phase(ann, 'here');
  expect(await ann.evaluate(() => location.hash)).toBe('#/');
  await teacher.getByTestId('admit-until').check();
  const bob = await join(context, link, 'Bob');
  await phase(bob, 'here');
  expect(await faults(bob)).toEqual([]);
  const eve = await join(context, link, 'Eve', false);
  await phase(eve, 'here');
  await card(teacher, 'Eve', 'watching').waitFor();
  await teacher.getByTestId('class-count').filter({ hasText: '3 here · 1 watches' }).waitFor();
  await status(ann, 'ready');
  await status(bob, 'ready');

  await teacher.getByTestId('start-all').click();
  await Promise.all([pastStep(ann, 0), pastStep(bob, 0)]);
  for (const name of ['Ann', 'Bob']) {
    await card(teacher, name, 'training').waitFor();
    await card(teacher, name)
      .filter({ hasText: /loss \d/ })
      .filter({ hasText: 'samples/s' })
      .waitFor();
  }
  await teacher.getByTestId('pause-all').click();
  await Promise.all([status(ann, 'paused'), status(bob, 'paused')]);
  await card(teacher, 'Ann', 'paused').waitFor();
  const told = await card(teacher, 'Ann').getByTestId('pupil-step').getAttribute('data-step');
  expect(Number(told)).toBe(await stepOf(ann));

  const cover = (pupil: Page) => pupil.getByTestId('cover');
  await teacher.getByLabel('Words on the pupils’ pages').fill('Look at the wall');
  await teacher.getByTestId('eyes-up').click();
  for (const pupil of [ann, bob, eve]) await cover(pupil).getByText('Look at the wall').waitFor();
  await ann.getByTestId('cover-alone').click();
  await cover(ann).waitFor({ state: 'hidden' });
  await card(teacher, 'Ann').getByText('on its own').waitFor();
  await teacher.getByTestId('start-all').click();
  await card(teacher, 'Bob', 'training').waitFor();
  expect(await card(teacher, 'Ann', 'paused').count(), 'who is on its own is not steered').toBe(1);
  await teacher.getByTestId('eyes-up').click();
  await cover(bob).waitFor({ state: 'hidden' });
  await teacher.getByTestId('pause-all').click();
  await ann.getByTestId('pupil-guided').click();

  await teacher.getByTestId('send-place').selectOption('#/board');
  await teacher.getByTestId('send').click();
  for (const pupil of [ann, bob, eve]) await pupil.waitForFunction(() => location.hash === '#/board');
  await teacher.getByTestId('ask-question').selectOption('0');
  await teacher.getByTestId('ask').click();
  await teacher.getByText('0 of 3 have predicted.').waitFor();
  const choose = (pupil: Page, choice: number) =>
    pupil.locator('.lesson-page.is-current').getByRole('radio').nth(choice).check();
  await Promise.all([choose(ann, 0), choose(bob, 1), choose(eve, 1)]);
  await teacher.getByText('3 of 3 have predicted.').waitFor();
  expect(await teacher.getByTestId('tally-count').count(), 'nobody sees what others chose yet').toBe(0);
  await teacher.getByTestId('show-tally').click();
  expect((await teacher.getByTestId('tally-count').allTextContents()).slice(0, 2)).toEqual(['1', '2']);

  for (const colorScheme of ['light', 'dark'] as const) {
    await teacher.emulateMedia({ colorScheme });
    expect(await faults(teacher), colorScheme).toEqual([]);
  }
  for (const page of [teacher, ann]) {
    // Pages behind others draw nothing anew.
    await page.bringToFront();
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => tooWide(page), { timeout: 20_000 }).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  await teacher.getByTestId('race-setting').selectOption('batch');
  await teacher.getByTestId('race-set-up').click();
  await teacher.getByText('2 of 2 are at the start.').waitFor();
  expect([await stepOf(ann), await stepOf(bob)]).toEqual([0, 0]);
  await teacher.getByTestId('race-go').click();
  await Promise.all([pastStep(ann, 0), pastStep(bob, 0)]);
  await card(teacher, 'Ann', 'training').getByText('batch 2').waitFor();
  await card(teacher, 'Bob', 'training').getByText('batch 4').waitFor();
  expect(new URL(ann.url()).searchParams.get('batch')).toBe('2');
  await teacher.getByTestId('class-chart').getByText('batch 4').waitFor();
  await teacher.getByTestId('pause-all').click();
  await Promise.all([status(ann, 'paused'), status(bob, 'paused')]);

  // Two pages put together: Bob's holds a part of Ann's run.
  const group = teacher.getByTestId('group');
  const member = (name: string, state: string) =>
    group.locator(`[data-testid=group-member][data-name="${name}"][data-state=${state}]`);
  await teacher.getByTestId('pair-up').click();
  await group.filter({ hasText: 'Ann and Bob' }).waitFor();
  expect(await group.getByTestId('group-link').textContent()).toMatch(/ms there and back, .*MB\/s$/);
  await member('Bob', 'holding').waitFor();
  await joined(bob, 'seated');
  await bob.locator('.guest-run').getByText('Ann').waitFor();
  expect(await bob.getByTestId('piece-words').textContent()).toContain('rank 1 of the mesh 1x2');
  await status(ann, 'ready');
  await teacher.getByTestId('start-all').click();
  await pastStep(ann, 0);
  await group.filter({ hasText: /loss \d/ }).waitFor();
  await member('Ann', 'training').waitFor();
  await bob.getByTestId('run-status').and(bob.locator('[data-status=running]')).waitFor();
  expect(await teacher.getByTestId('alone').count()).toBe(0);
  await bob.locator('isobar-guest-bar a[data-view=board]').click();
  await bob.locator('isobar-board [data-id="r:1"]').first().waitFor();
  expect(await bob.locator('#alerts .alert').allTextContents()).toEqual([]);
  expect(await faults(bob), 'with a part').toEqual([]);
  await teacher.getByTestId('pause-all').click();
  await status(ann, 'paused');
  await teacher.getByTestId('race-setting').selectOption('mesh');
  await teacher.getByTestId('race-lanes').fill('1x2, 2x1');
  await teacher.getByTestId('race-set-up').click();
  await teacher.getByText('1 of 1 are at the start.').waitFor();
  await teacher.getByTestId('race-go').click();
  await pastStep(ann, 0);
  await teacher.getByTestId('class-chart').getByText('mesh 1x2').waitFor();
  expect(await faults(teacher), 'with groups').toEqual([]);

  await bob.close();
  await lossAlert(ann).waitFor();
  await member('Bob', 'gone').waitFor();
  // Ann is offered to go on without him, and the teacher's Start takes it.
  await status(ann, 'failed');
  await teacher.getByTestId('start-all').click();
  await status(ann, 'running');
  await member('Ann', 'training').waitFor();
  await teacher.getByTestId('part').click();
  await status(ann, 'ready');
  await group.waitFor({ state: 'detached' });
  await ann.getByTestId('pupil-group').waitFor({ state: 'detached' });
  await card(teacher, 'Bob', 'gone')
    .getByText(/^\s*silent for/)
    .waitFor();
  await teacher.getByTestId('class-count').filter({ hasText: '1 silent' }).waitFor();
  await eve.reload();
  await card(teacher, 'Eve', 'gone').waitFor();
  expect(await eve.getByTestId('pupil-name').inputValue()).toBe('Eve');
  await eve.getByTestId('pupil-join').click();
  await card(teacher, 'Eve', 'watching').waitFor();
  await teacher.getByTestId('admit-until').uncheck();
  expect(await teacher.getByTestId('pupil').count()).toBe(3);
  await card(teacher, 'Eve').getByRole('button', { name: 'Take out of the class: Eve' }).click();
  await phase(eve, 'over');
  expect(await eve.getByTestId('pupil-words').textContent()).toContain('taken this page out of the class');

  await teacher.getByTestId('close-class').click();
  await phase(ann, 'teacher-gone');
  expect(await ann.getByTestId('pupil-words').textContent()).toContain('Your run goes on');
  await ann.getByTestId('train').click();
  await pastStep(ann, 0);

  await eve.goto(`${pageUrl}#class=tabs.abcdefgh`);
  await eve.getByText('the secret is damaged or too short').waitFor();
  expect(problems).toEqual([]);
});
