import { expect } from 'vitest';
import { test } from './fixture.ts';
import { joined, openTab, pastStep, ranks, reported, show, status, stepOf } from './mesh-page.ts';

const tiny = '?preset=tiny&steps=5000&seed=3#/share';
/** The steps of a run that is trained to its end. */
const short = '?preset=tiny&steps=8&seed=3#/share';

test('a 2x2 mesh of workers trains on one page, and what is impossible is greyed out', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(pageUrl + short);
  await status(page, 'ready');
  const whole = await page.getByTestId('parameter-count').textContent();
  expect(await page.getByTestId('rank-table').isVisible()).toBe(false);
  // A batch of 4 has no thirds.
  expect(await page.getByTestId('replicas').locator('option[value="3"]').isDisabled()).toBe(true);
  expect(await page.getByTestId('mesh-reasons').textContent()).toContain('cannot be shared by 3 replicas');

  // In four passes a sample at a time is computed: less memory, and nothing left for a second replica to do.
  const memory = page.getByTestId('memory-total');
  const before = (await memory.textContent())!;
  await show(page, 'details');
  await page.locator('#settings').getByText('Advanced').click();
  await page.getByTestId('accumulate').selectOption('4');
  await page.locator('[data-testid=replicas] option[value="2"][disabled]').waitFor({ state: 'attached' });
  expect(await page.getByTestId('mesh-reasons').textContent()).toContain(
    '2 samples of a rank cannot be computed in 4 passes: choose 1 or 2.',
  );
  expect(Number.parseFloat((await memory.textContent())!)).toBeLessThan(0.8 * Number.parseFloat(before));
  await page.getByTestId('accumulate').selectOption('1');
  await memory.filter({ hasText: before }).waitFor();
  await page.getByTestId('recompute').check();
  await memory.filter({ hasNotText: before }).filter({ hasText: 'iB' }).waitFor();
  expect(Number.parseFloat((await memory.textContent())!)).toBeLessThan(Number.parseFloat(before));
  await page.getByTestId('recompute').uncheck();
  await memory.filter({ hasText: before }).waitFor();

  await show(page, 'share');
  await page.getByTestId('mesh').selectOption('2x2');
  await page.getByTestId('train').click();
  await status(page, 'done');
  expect(await stepOf(page)).toBe(8);
  expect(await ranks(page).count()).toBe(4);
  expect(await page.getByTestId('mesh-drawing').locator('[data-rank]').count()).toBe(4);
  expect(await ranks(page).first().textContent()).toContain('this page');
  expect(await ranks(page).last().textContent()).toMatch(/KiB parameters.*a step/);
  // The model is the same, however it is cut.
  expect(await page.getByTestId('parameter-count').textContent()).toBe(whole);
  expect(problems).toEqual([]);
});

test('tabs hold ranks; when one is closed in mid-run the alert names its rank, and the run goes on', async ({
  page,
  pageUrl,
  context,
  problems,
}) => {
  await page.goto(pageUrl + tiny);
  await status(page, 'ready');
  // One after the other: seats are given in the order of admission.
  const tabs = [];
  for (let i = 0; i < 2; i++) {
    const tab = await openTab(page, context);
    await joined(tab, 'admitted');
    tabs.push(tab);
  }
  await page.getByTestId('mesh').selectOption('1x3');
  await page.getByTestId('train').click();
  await pastStep(page, 0);
  for (const rank of [1, 2]) await reported(page, rank);
  expect(await ranks(page).allTextContents()).toEqual([
    expect.stringContaining('this page'),
    expect.stringContaining('Tab 1'),
    expect.stringContaining('Tab 2'),
  ]);

  await joined(tabs[1], 'seated');
  expect(await tabs[1].getByTestId('piece-words').textContent()).toContain(
    'rank 2 of the mesh 1x3: it holds group 3 of 3',
  );
  await tabs[1]
    .getByTestId('piece-step')
    .filter({ hasText: / of 5\u202f000$/ })
    .waitFor();
  await tabs[1]
    .getByTestId('piece-bytes')
    .filter({ hasText: /(KiB|MiB)$/ })
    .waitFor();
  await tabs[1].locator('isobar-machine .owners .is-lit[data-id="r:2"]').filter({ hasText: 'you' }).waitFor();

  // A pause saves a checkpoint, from which the run goes on after the loss.
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  const saved = await stepOf(page);
  await page.getByTestId('resume').click();
  await pastStep(page, saved);
  await tabs[0].close();
  const error = page.getByTestId('error').filter({ hasText: 'Rank 1 is lost' });
  await error.waitFor();
  expect(await error.textContent()).toContain(`The last checkpoint, of step ${saved}, is kept`);
  // It cannot be put away without a way on.
  expect(await error.getByRole('button', { name: 'Dismiss' }).count()).toBe(0);
  await error.getByRole('button', { name: 'Go on with 1x3' }).click();
  await status(page, 'running');
  await pastStep(page, saved);
  expect(await page.getByTestId('error').count()).toBe(0);
  expect(await ranks(page).count()).toBe(3);
  expect(await page.getByTestId('rank-table').textContent()).not.toContain('Tab 1');

  // Leaving is told like closing; here the page waits for the next guest.
  await tabs[1].getByTestId('leave').click();
  await joined(tabs[1], 'closed');
  await page.getByRole('button', { name: 'Wait for someone to join' }).click();
  const third = await openTab(page, context);
  await joined(third, 'seated');
  await reported(page, 1);

  await page
    .locator('details', { has: page.getByTestId('go-on-by-itself') })
    .locator('summary')
    .click();
  await page.getByTestId('go-on-by-itself').check();
  await third.close();
  await page.locator('[data-testid=rank-table]', { hasNotText: 'Tab 3' }).waitFor();
  await reported(page, 1);
  expect(await page.getByTestId('error').count()).toBe(0);
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  expect(problems).toEqual([]);
});

test('who follows the link is admitted or refused by the host', async ({ page, pageUrl, context }) => {
  await page.goto(pageUrl + short);
  await status(page, 'ready');
  await page.getByTestId('invite').click();
  await page.getByTestId('open-room').click();
  const link = page.getByTestId('invite-link');
  await link.waitFor();
  const address = await link.inputValue();
  expect(address).toContain('#join=tabs.');
  await page.getByTestId('qr').locator('summary').click();
  await page.getByRole('img', { name: 'QR code of the invitation' }).waitFor();

  const guest = await context.newPage();
  await guest.goto(address);
  await guest.getByTestId('join-name').fill('Ann');
  await guest.getByTestId('ask').click();
  await page.getByTestId('asking').getByText('Ann').waitFor();
  expect(await page.getByTestId('asking').textContent()).toContain('GFLOP/s');
  expect(await page.title()).toBe('Ann asks to join: Isobar');
  // In sight however far down the page stands.
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const box = (await page.getByTestId('asking').boundingBox())!;
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.y + box.height).toBeLessThan(page.viewportSize()!.height);
  await page.getByTestId('refuse').click();
  expect(await page.title()).toBe('Isobar: train a weather model in the browser');
  await joined(guest, 'refused');

  // Of several who ask each can be admitted, or all at once.
  const second = await context.newPage();
  await second.goto(address);
  await guest.getByTestId('join-again').click();
  for (const [who, name] of [
    [guest, 'Bob'],
    [second, 'Eve'],
  ] as const) {
    await who.getByTestId('join-name').fill(name);
    await who.getByTestId('ask').click();
    await page.getByTestId('asking').getByText(name).waitFor();
  }
  await page.getByTestId('admit-all').click();
  for (const who of [guest, second]) await joined(who, 'admitted');
  await second.close();
  await page.getByTestId('unseated').filter({ hasText: 'Bob is here and has no rank' }).waitFor();

  // Pasted into the address of the page that is open.
  await guest.goto(`${pageUrl}#join=tabs.too-short`);
  await joined(guest, 'closed');
  expect(await guest.getByTestId('join-status').textContent()).toContain('This invitation cannot be used');
});
