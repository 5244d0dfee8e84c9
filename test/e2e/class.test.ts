/** A teacher and a class: a wall that shows pupils who train, each in a page of their own, and pages that do what it says. */
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { pastStep, show, status, stepOf } from './mesh-page.ts';

const tiny = '?preset=tiny&steps=100000&seed=3';

const card = (teacher: Page, name: string, state?: string) =>
  teacher.locator(`[data-testid=pupil][data-name="${name}"]${state ? `[data-state=${state}]` : ''}`);

const phase = (pupil: Page, wanted: string) =>
  pupil.locator(`[data-testid=pupil-band][data-phase=${wanted}]`).waitFor();

async function join(context: BrowserContext, link: string, name: string, webgpu = true): Promise<Page> {
  const pupil = await context.newPage();
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

test('a class: pupils join by the link, the wall shows them, and their pages do what the teacher says', async ({
  page: teacher,
  context,
  pageUrl,
  problems,
}) => {
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
  expect(problems).toEqual([]);
});
