/**
 * A class of thirty on the built page and the relay of its server: what the teacher sees, and what it takes in bytes. One pupil is
 * a page that trains; the others have no device and tell of a run that is made up (bench/class-pupil.ts).
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { countMessages, joinAs, openClassOn, serveClass } from '../../bench/class-room.mjs';
import { openContext, test } from './fixture.ts';
import { pastStep, status } from './mesh-page.ts';

const lightPupils = 29;
const names = ['Real', ...Array.from({ length: lightPupils }, (_, i) => `Pupil ${i + 1}`)];

/** Bytes a second of the whole class, both ways, that the teacher's page may take. */
const mostBytes = 60_000;
/** A second and a pupil: a report, and a sign of life each way. */
const messagesASecond = 3;

let server: Awaited<ReturnType<typeof serveClass>>;
beforeAll(async () => {
  server = await serveClass();
});
afterAll(() => server.close());

const cards = (teacher: Page, state?: string) =>
  teacher.locator(`[data-testid=pupil]${state ? `[data-state=${state}]` : ''}`);

/** Waits until so many cards of the wall are in this state. */
const waitFor = (teacher: Page, count: number, state: string) =>
  cards(teacher, state)
    .nth(count - 1)
    .waitFor();

test('a class of thirty: all are on the wall, do what the teacher says, and their answers add up', async ({
  page: teacher,
  browser,
  problems,
}) => {
  const link = await openClassOn(teacher, server.url);
  const [real, light] = await Promise.all([1, 2].map(async () => (await openContext(browser)).newPage()));
  await Promise.all([joinAs(real, link, 'Real'), light.goto(server.lightUrl(link, lightPupils))]);
  const here = (count: number) =>
    teacher
      .getByTestId('class-count')
      .filter({ hasText: new RegExp(`^${count} here`) })
      .waitFor();
  await here(30);
  const onWall = () => cards(teacher).evaluateAll(all => all.map(card => (card as HTMLElement).dataset.name));
  expect((await onWall()).sort()).toEqual([...names].sort());

  await status(real, 'ready');
  await waitFor(teacher, 30, 'ready');
  await teacher.getByTestId('start-all').click();
  await pastStep(real, 0);
  await waitFor(teacher, 30, 'training');

  const place = '#/lesson/1/1';
  const pages = [real, ...light.frames().slice(1)];
  expect(pages).toHaveLength(30);
  await teacher.getByTestId('send-place').selectOption(place);
  await teacher.getByTestId('send').click();
  await Promise.all(pages.map(each => each.waitForFunction(hash => location.hash === hash, place)));
  await real.locator('.lesson-page.is-current').waitFor();

  await teacher.getByTestId('pause-all').click();
  await status(real, 'paused');
  await waitFor(teacher, 30, 'paused');

  await teacher.getByTestId('ask-question').selectOption('0');
  await teacher.getByTestId('ask').click();
  await teacher.getByText('29 of 30 have predicted.').waitFor();
  await real.locator('.lesson-page.is-current').getByRole('radio').first().check();
  await teacher.getByText('30 of 30 have predicted.').waitFor();
  await teacher.getByTestId('show-tally').click();
  const counts = (await teacher.getByTestId('tally-count').allTextContents()).map(Number);
  // The light ones choose in turn, by number.
  expect(counts.slice(0, 2)).toEqual([15, 15]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30);

  const said = await countMessages(teacher);
  expect(said.connections).toBe(30);
  const bytesAMessage = (said.received + said.sent) / (said.messagesReceived + said.messagesSent);
  expect(30 * messagesASecond * bytesAMessage, 'bytes a second').toBeLessThan(mostBytes);

  await light
    .locator('iframe')
    .nth(6)
    .evaluate(frame => frame.remove());
  const gone = teacher.locator('[data-testid=pupil][data-name="Pupil 7"]');
  await gone.and(cards(teacher, 'gone')).waitFor();
  await here(29);
  await gone.getByRole('button', { name: 'Take out of the class: Pupil 7' }).click();
  await gone.waitFor({ state: 'detached' });
  expect((await onWall()).sort()).toEqual(names.filter(name => name !== 'Pupil 7').sort());
  expect(problems).toEqual([]);
});
