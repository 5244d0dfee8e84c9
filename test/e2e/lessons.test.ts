import { readdirSync, readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { meshName, parseMesh } from '../../src/mesh/mesh.ts';
import { type Block, type Lesson, questionsOf } from '../../src/ui/lesson/format.ts';
import { readLesson } from '../../src/ui/lesson/parse.ts';
import { test } from './fixture.ts';
import { status, stepOf } from './mesh-page.ts';

/** Small enough that a software adapter is done in seconds, long enough that no button finds the run done. */
const tiny = '?preset=tiny&steps=300&seed=3';
const folder = new URL('../../src/ui/lesson/texts/', import.meta.url);

const lessons = readdirSync(folder)
  .sort()
  .map((name): Lesson => {
    const result = readLesson(readFileSync(new URL(name, folder), 'utf8'));
    if ('faults' in result) throw new Error(`${name}: ${result.faults[0].message}`);
    return result.lesson;
  });

const current = (page: Page) => page.locator('.lesson-page.is-current');

type Press = (place: Locator, key: 'Enter' | 'Space') => Promise<void>;

const byMouse: Press = place => place.click();

/** With nothing but the keyboard: to the place by the tab key, and the key on it. */
const byKeys: Press = async (place, key) => {
  const page = place.page();
  for (let tabs = 0; tabs < 150; tabs++) {
    if (await place.evaluate(each => each === document.activeElement)) {
      await page.keyboard.press(key);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error('The tab key leads round the page, and not to what is to be pressed.');
};

/** Presses a button of a lesson, and waits until what it does is done. */
async function pressButton(page: Page, place: Locator, button: Block, press: Press): Promise<void> {
  if (button.kind === 'set') {
    await press(place, 'Enter');
    await page.locator('[data-testid=status]:is([data-status=ready], [data-status=paused])').waitFor();
    expect(await place.getAttribute('aria-pressed')).toBe('true');
    const said = new URL(page.url()).searchParams;
    for (const [name, value] of new URLSearchParams(button.search)) {
      // What is as the preset has it stands in no address.
      expect([value, null]).toContain(said.get(name));
    }
    // A reader looks at what the button did; one who does not would find no number of a cut that was never shown.
    const mesh = meshName(parseMesh(said.get('mesh') ?? '1x1', Number(said.get('replicas') ?? 1)));
    await page.locator(`#lesson-machine .pays[data-mesh="${mesh}"]`).waitFor();
  } else if (button.kind === 'run') {
    const isAnew = await page.getByTestId('train').isVisible();
    const steps = button.steps + (isAnew ? 0 : await stepOf(page));
    await press(place, 'Enter');
    await page.locator(`[data-testid=step][data-step="${steps}"]`).waitFor();
    await status(page, 'paused');
  } else if (button.kind === 'go') {
    await press(place, 'Enter');
    await page.waitForFunction(hash => location.hash === hash, button.hash);
    await page.goBack();
    await place.waitFor();
  }
}

for (const lesson of lessons) {
  const { number, title, pages } = lesson;
  const [press, how] = number === 2 ? [byKeys, ' by the keyboard alone'] : [byMouse, ''];
  test(`lesson ${number}, ${title}: every button is pressed${how}, and the run answers every question`, async ({
    page,
    pageUrl,
    problems,
  }) => {
    await page.goto(`${pageUrl}${tiny}#/lesson/${number}`);
    await status(page, 'ready');
    for (const [i, { title: heading, blocks }] of pages.entries()) {
      await current(page).getByRole('heading', { name: heading }).waitFor();
      if (i > 0)
        expect(await page.locator('.is-current h3:focus').count(), 'who turns a page is there').toBe(1);
      const questions = await current(page).getByTestId('question').all();
      for (const question of questions) {
        expect((await question.getByTestId('answer').textContent())?.trim(), 'before a prediction').toBe('');
        await press(question.getByRole('radio').first(), 'Space');
        expect((await question.getByTestId('answer').textContent())?.trim()).not.toBe('');
      }
      const buttons = blocks.filter(({ kind }) => kind === 'set' || kind === 'run' || kind === 'go');
      expect(await current(page).locator('[data-button]').count()).toBe(buttons.length);
      for (const [at, button] of buttons.entries()) {
        await pressButton(page, current(page).locator('[data-button]').nth(at), button, press);
      }
      for (const question of questions) await question.getByTestId('answer-value').waitFor();
      expect(await current(page).getByText('not measured yet').count()).toBe(0);
      if (number === 1 && i === 1) await sameLoss(page);
      if (number === 3 && i === 1) await sameShare(page);
      await press(page.getByTestId('lesson-next'), 'Enter');
    }
    await page.waitForFunction(here => !location.hash.startsWith(here), `#/lesson/${number}`);
    const kept = await page.evaluate(() => localStorage.getItem('isobar-lessons'));
    expect(JSON.parse(kept ?? '{}')[number]).toEqual({
      page: pages.length - 1,
      isDone: true,
      predictions: Object.fromEntries(questionsOf(lesson).map((_, i) => [i, 0])),
    });
    expect(problems).toEqual([]);
  });
}

/** The last number of the page is the loss of the last step, which stands beside it too. */
async function sameLoss(page: Page): Promise<void> {
  const told = Number(await current(page).locator('.measured').last().textContent());
  const shown = Number(await page.getByTestId('loss').textContent());
  expect(told).toBeGreaterThan(0);
  expect(Math.abs(told / shown - 1)).toBeLessThan(1e-2);
}

/** The answer is what the prepared run takes of the undivided model: what the machine beside it says of the plan. */
async function sameShare(page: Page): Promise<void> {
  const told = Number.parseFloat((await current(page).getByTestId('answer-value').textContent()) ?? '');
  const machine = (await page.locator('#machine .fact').textContent()) ?? '';
  const shown = Number(/\((\d+)/.exec(machine)?.[1]);
  expect(Math.abs(told - shown)).toBeLessThan(1);
}

test('words and what they name light each other up; progress is kept, and forgotten; a phone, and paper', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}${tiny}&mesh=2x2#/lesson/3/2`);
  const machine = page.locator('#lesson-machine #machine');
  await machine.locator('[data-id="r:2"]').first().waitFor();
  const owner = current(page).getByRole('button', { name: 'Rank 2' });
  const table = current(page).getByRole('button', { name: 'the token weight' });
  await owner.hover();
  expect(await machine.locator('.piece.is-lit > [data-id="r:2"]').count()).toBeGreaterThan(1);
  await table.focus();
  await page.mouse.move(0, 0);
  await table.blur();
  await table.focus();
  expect(await machine.locator('.weight.is-named').textContent()).toContain('blocks.0.token1.weight');
  const of = machine.locator('.piece > [data-id="r:2"][data-of="w:blocks.0.token1.weight"]').first();
  await of.dispatchEvent('pointerover', { bubbles: true, pointerType: 'mouse' });
  for (const word of [owner, table]) expect(await word.getAttribute('class')).toContain('is-lit');

  await page.emulateMedia({ media: 'print' });
  const questions = page.getByTestId('question');
  for (const question of await questions.all()) expect(await question.isVisible()).toBe(true);
  expect(await questions.count()).toBe(questionsOf(lessons[2]).length);
  expect(await machine.isVisible()).toBe(false);
  await page.emulateMedia({ media: 'screen' });
  expect(await page.getByTestId('question').first().isVisible()).toBe(false);

  await page.setViewportSize({ width: 390, height: 844 });
  const card = await page.locator('.lesson').boundingBox();
  expect(card?.height).toBeLessThanOrEqual(0.41 * 844);
  expect(card?.y).toBeGreaterThan(400);
  expect((await machine.boundingBox())?.y).toBeLessThan(300);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByTestId('lesson-skip').click();
  await current(page).getByRole('heading', { name: lessons[3].pages[0].title }).waitFor();
  await page.getByRole('link', { name: 'All lessons' }).click();
  await page.reload();
  const list = page.locator('.lesson-list');
  await list.getByText('done', { exact: true }).waitFor();
  await list.getByText('page 1 of 4', { exact: true }).waitFor();
  await list.getByRole('button', { name: 'Forget my progress' }).click();
  await list.getByText('Your progress is forgotten.').waitFor();
  expect(await list.getByText('done', { exact: true }).count()).toBe(0);
  expect(await page.evaluate(() => localStorage.getItem('isobar-lessons'))).toBeNull();

  // The machine of the first view went along, and comes back.
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.locator('#results #machine').waitFor();
  expect(await page.locator('#results > *').count()).toBe(4);
  expect(problems).toEqual([]);
});
