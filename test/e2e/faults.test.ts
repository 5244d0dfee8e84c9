/**
 * One host and its tabs, in which everything goes wrong that can, one thing after the other: the page says which rank
 * is lost and why, keeps the last checkpoint, and goes on from there as the user chooses.
 */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { chromiumFlags } from '../../scripts/chromium.mjs';
import { findChromium } from '../../scripts/find-browser.mjs';
import {
  closeAt,
  drawRoomOf,
  type Fault,
  freeze,
  type LostAt,
  loseDevice,
  type Moment,
  spoilBlock,
} from './break-page.ts';
import { openContext } from './fixture.ts';
import { joined, lossAlert, openTab, pastStep, ranks, saveOnce, status, stepOf } from './mesh-page.ts';

let browser: Browser;
let context: BrowserContext;
let host: Page;
/** Holds rank 1. */
let tab: Page;
/** Step of the first checkpoint; later ones may follow by themselves. */
let firstSaved: number;
const problems: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
  context = await openContext(browser);
  host = await context.newPage();
  host.on('pageerror', error => problems.push(error.message));
  await host.goto(`${inject('pageUrl')}?preset=tiny&steps=100000&seed=3#/share`);
  await status(host, 'ready');
  tab = await openTab(host, context);
  await joined(tab, 'admitted');
  await host.getByTestId('mesh').selectOption('1x2');
  await host.getByTestId('train').click();
  await pastStep(host, 0);
  firstSaved = await saveOnce(host);
});
afterAll(async () => {
  await browser.close();
  expect(problems).toEqual([]);
});

let hasFailed = false;
beforeEach(({ skip, onTestFailed }) => {
  skip(hasFailed, 'it begins where the one before ended, which failed');
  onTestFailed(() => {
    hasFailed = true;
  });
});

/** Waits for the alert. @returns its text, and the step of the checkpoint that it names */
async function loss(words: RegExp): Promise<{ text: string; saved: number }> {
  const alert = lossAlert(host).filter({ hasText: words });
  await alert.waitFor();
  const text = (await alert.textContent()) ?? '';
  expect(text).toMatch(/^Rank 1 is lost/);
  const [, saved] = /The last checkpoint, of step ([\d\u202f]+), is kept\./.exec(text) ?? [];
  const step = Number(saved?.replaceAll('\u202f', ''));
  expect(step).toBeGreaterThanOrEqual(firstSaved);
  // Nothing is trained until the user says so.
  await host.getByTestId('pause').waitFor({ state: 'hidden' });
  return { text, saved: step };
}

/** Presses what the alert offers, and waits until steps are done again. */
async function goOn(label: string, saved: number): Promise<void> {
  await lossAlert(host).getByRole('button', { name: label, exact: true }).click();
  await status(host, 'running');
  await pastStep(host, saved);
  expect(await host.getByTestId('error').allTextContents()).toEqual([]);
}

const holders = async () =>
  (await ranks(host).locator('td:nth-child(2)').allTextContents()).map(text => text.replace(/google.*/, ''));

test.each<[Fault, RegExp]>([
  [
    'version',
    /Rank 1 is gone: the other page sent a frame of wire version 99; this page speaks \d+\. Load the same/,
  ],
  ['garbage', /Rank 1 is gone: the other page sent bytes that are no frame of Isobar\./],
  ['plan', /Rank 1 sent a block of another plan \(5; rank 0 runs \d+\)\./],
  ['step', /Rank 1 sent a block of run 9999 of the plan, where rank 0 is at \d+\./],
  ['length', /Rank 1 sent a block of \d+ bytes; \d+ were expected\./],
  ['NaN', /Rank 1 sent a value that is not a finite number, and did not say that the model has diverged: /],
])('a tab sends a block with a wrong %s', async (fault, words) => {
  await spoilBlock(tab, fault);
  const { text, saved } = await loss(words);
  expect(text).toContain('It was held by Tab 1.');
  await joined(tab, 'interrupted');
  await goOn('Go on with 1x2', saved);
  await joined(tab, 'seated');
});

test('a tab that failed can be left out, is told why, and may ask again', async () => {
  await spoilBlock(tab, 'plan');
  const { text, saved } = await loss(/another plan/);
  expect(text).toContain(
    'Tab 1 is still here, and can be tried again; without it, what is missing is taken over by this page.',
  );
  await goOn('Go on with 1x2 without Tab 1', saved);
  expect(await holders()).toEqual(['this page', 'this page']);
  await joined(tab, 'refused');
  expect(await tab.getByTestId('join-status').textContent()).toMatch(
    /^Refused: the host goes on without this page\. Rank 1 sent a block of another plan/,
  );
  await tab.getByTestId('join-again').click();
  await host
    .getByTestId('unseated')
    .filter({ hasText: 'Tab 1 gets a rank when the run is paused' })
    .waitFor();
  await saveOnce(host);
  await joined(tab, 'seated');
  expect(await holders()).toEqual(['this page', 'Tab 1']);
});

test.each<LostAt>(['encoding', 'mapping'])(
  'the GPU of a tab is lost while it is %s, and it opens another',
  async at => {
    await loseDevice(tab, 'rank', at);
    const { saved } = await loss(/Rank 1 gave up: its graphics device was lost/);
    await joined(tab, 'interrupted');
    expect(await tab.getByTestId('join-status').textContent()).toContain('its graphics device was lost');
    await goOn('Go on with 1x2', saved);
    await joined(tab, 'seated');
  },
);

test('the GPU of the host is lost: it resumes with its tab', async () => {
  await loseDevice(host, 'session');
  const error = host.getByTestId('error').filter({ hasText: 'The graphics device was lost' });
  await error.getByRole('button', { name: 'Resume from the last checkpoint' }).click();
  await status(host, 'running');
  await pastStep(host, firstSaved);
  await joined(tab, 'seated');
  expect(await holders()).toEqual(['this page', 'Tab 1']);
});

test('a frozen tab is missed; when it wakes it takes the empty seat', async () => {
  const wake = await freeze(tab);
  const { saved } = await loss(/Rank 1 is gone: nothing was heard from it for 4 s\./);
  await lossAlert(host).getByRole('button', { name: 'Wait for someone to join' }).click();
  await lossAlert(host).filter({ hasText: 'Waiting for someone to join' }).waitFor();
  await wake();
  await status(host, 'running');
  await pastStep(host, saved);
  await joined(tab, 'seated');
  expect(await holders()).toEqual(['this page', 'Tab 1']);
});

test('a second tab of the same guest disturbs nobody, has a name of its own, and is the next in line', async () => {
  const second = await context.newPage();
  await second.goto(tab.url());
  await host.bringToFront();
  await joined(second, 'admitted');
  await host
    .getByTestId('unseated')
    .filter({ hasText: 'Tab 1 (2) is here and has no rank, until one is lost' })
    .waitFor();
  await pastStep(host, await stepOf(host));
  expect(await holders()).toEqual(['this page', 'Tab 1']);

  // A renderer that crashes says no goodbye.
  tab.goto('chrome://crash').catch(() => {});
  const { text, saved } = await loss(/Rank 1 is gone: /);
  expect(text).toContain('With 1x2, what is missing is taken over by Tab 1 (2), then this page.');
  await goOn('Go on with 1x2', saved);
  expect(await holders()).toEqual(['this page', 'Tab 1 (2)']);
  await tab.close();
  tab = second;
});

test('a second host of the same room is told so, and disturbs nobody', async () => {
  await host.getByTestId('invite').click();
  const invitation = await host.getByTestId('invite-link').inputValue();
  const other = await context.newPage();
  await other.goto(`${inject('pageUrl')}?preset=tiny&steps=8&seed=3#/share`);
  await status(other, 'ready');
  await drawRoomOf(other, invitation);
  await other.getByTestId('invite').click();
  await other.getByTestId('open-room').click();
  const error = other.getByTestId('error').filter({ hasText: 'Another page is the host of this room' });
  await error.waitFor();
  expect(await error.textContent()).toContain('Open a room of your own: this room already has a host.');
  expect(await other.getByTestId('invite-link').isHidden()).toBe(true);
  await other.close();
  await host.bringToFront();
  await pastStep(host, await stepOf(host));
  expect(await holders()).toEqual(['this page', 'Tab 1 (2)']);
  expect(await lossAlert(host).count()).toBe(0);
});

test('tabs are closed at many moments: each time the alert names the rank, and the run goes on', async () => {
  let saved = firstSaved;
  /** The tab of rank 1 is about to close. */
  const lost = async (name: string) => {
    const { text, saved: kept } = await loss(new RegExp(`It was held by ${name}\\.`));
    expect(text).toMatch(/what is missing is taken over by this page\./);
    saved = kept;
  };
  const join = async () => {
    const next = await openTab(host, context);
    await joined(next, 'admitted');
    return { next, name: `Tab ${new URL(next.url()).searchParams.get('tab')}` };
  };
  await tab.close();
  await lost('Tab 1 \\(2\\)');
  const whileSeated: Moment[] = [
    ['reply', 0],
    ['reply', 1],
    ['data', 0],
    ['data', 20],
  ];
  for (const moment of whileSeated) {
    const { next, name } = await join();
    await closeAt(next, moment);
    await lossAlert(host).getByRole('button', { name: 'Go on with 1x2', exact: true }).click();
    await lost(name);
  }
  // The steps until all ranks hold, and the checkpoint that is gathered then, of which a copy is a call.
  const whilePausing: Moment[] = [
    ['data', 20],
    ['call', 1],
    ['reply', 0],
  ];
  for (const moment of whilePausing) {
    const { next, name } = await join();
    await goOn('Go on with 1x2', saved);
    await closeAt(next, moment, host.getByTestId('pause'));
    await lost(name);
  }
  await goOn('Go on with 1x1', saved);
});
