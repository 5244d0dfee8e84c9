import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { pastStep, show, status, stepOf } from './mesh-page.ts';

/** Small enough that a software adapter is done in seconds. */
const tiny = '?preset=tiny&steps=24&seed=3';

/** Every loss that the page shows from now on: a small run may be over before the page can be asked twice. */
const lossesShown = (page: Page) =>
  page.getByTestId('loss').evaluateHandle(place => {
    const losses: number[] = [];
    new MutationObserver(() => {
      const loss = Number(place.textContent);
      if (loss > 0) losses.push(loss);
    }).observe(place, { childList: true, characterData: true, subtree: true });
    return losses;
  });

test('one click trains to the end: the loss falls, and curves, maps and scores are there', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(pageUrl + tiny);
  // At once, while the data are still on their way: training starts as soon as they are there.
  const shown = await lossesShown(page);
  await page.getByTestId('train').click();
  await status(page, 'done');

  const losses = await shown.jsonValue();
  expect(losses.length).toBeGreaterThan(1);
  expect(losses.at(-1)).toBeLessThan(losses[0]);
  expect(await stepOf(page)).toBe(24);
  expect(await page.getByTestId('skill-table').locator('tbody tr').count()).toBeGreaterThan(0);
  expect(await page.getByTestId('parameter-count').textContent()).toMatch(/^[\d\u202f]+$/);
  expect(await page.getByTestId('data-note').textContent()).toContain('not observations');
  await page.locator('[data-testid=loss-chart][data-points="24"]').waitFor();
  await page.locator('#maps[data-drawn]').waitFor();
  for (const map of ['map-truth', 'map-forecast', 'map-error']) {
    const colours = await page
      .getByTestId(map)
      .evaluate(
        (canvas: HTMLCanvasElement) =>
          new Set(
            new Uint32Array(
              canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.buffer,
            ),
          ).size,
      );
    expect(colours, map).toBeGreaterThan(4);
  }

  await show(page, 'details');
  const download = page.waitForEvent('download');
  await page.getByTestId('export').click();
  const file = await (await download).path();
  // A safetensors file: the length of its header, then JSON.
  const bytes = await readFile(file);
  expect(JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString())).toBeTypeOf('object');

  await page.getByTestId('reset').click();
  await status(page, 'ready');
  expect(await stepOf(page)).toBe(0);
  expect(await page.getByTestId('skill-table').isVisible()).toBe(false);
  await page.getByTestId('checkpoint-input').setInputFiles(file);
  await page.getByTestId('notice').filter({ hasText: 'Checkpoint loaded' }).waitFor();
  expect(await stepOf(page)).toBe(24);
  expect(problems).toEqual([]);
});

test.for([
  ['answers', 'Worker'],
  ['events', 'MessagePort'],
] as const)(
  'a status is shown with all that belongs to it, also where %s of the worker are late',
  async ([, sender], { page, pageUrl, problems }) => {
    await page.addInitScript(late => {
      const { addEventListener } = EventTarget.prototype;
      EventTarget.prototype.addEventListener = function (type, listener, options) {
        const isLate = type === 'message' && this instanceof window[late] && typeof listener === 'function';
        const heard = isLate ? (event: Event) => setTimeout(() => listener.call(this, event), 100) : listener;
        addEventListener.call(this, type, heard, options);
      };
    }, sender);
    await page.addInitScript(() => {
      const place = (id: string) => document.querySelector<HTMLElement>(`[data-testid=${id}]`)!;
      new MutationObserver(() => {
        const { dataset } = document.documentElement;
        const parts = ['data-note', 'parameter-count', 'step', 'skill-table'].map(
          id => place(id).textContent,
        );
        dataset[place('status').dataset.status!] ??= parts.join('; ');
      }).observe(document, { subtree: true, attributeFilter: ['data-status'] });
    });
    await page.goto(`${pageUrl}?preset=tiny&steps=4&seed=3`);
    await status(page, 'ready');
    await page.getByTestId('train').click();
    await status(page, 'done');
    /** What the page showed when it first showed these. */
    const { ready, done } = await page.evaluate(() => ({ ...document.documentElement.dataset }));
    expect(ready).toMatch(/not observations.*; \d[\d\u202f]+; Step 0 of 4; /);
    expect(done).toMatch(/not observations.*; \d[\d\u202f]+; Step 4 of 4;.*\d\.\d/s);
    expect(problems).toEqual([]);
  },
);

test('a paused run goes on, and a reload offers to resume or discard it', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=5000`);
  // By the keyboard: what takes the place of a button takes the focus, too.
  const hasFocus = (id: string) => page.locator(`[data-testid=${id}]:focus`).waitFor();
  await page.getByTestId('train').waitFor();
  await page.getByTestId('train').press('Enter');
  await pastStep(page, 0);
  await hasFocus('pause');
  await page.keyboard.press('Enter');
  await status(page, 'paused');
  await hasFocus('resume');
  await page.getByTestId('resume').click();
  await status(page, 'running');
  await page.getByTestId('pause').click();
  await status(page, 'paused');
  const paused = await stepOf(page);

  // Who starts over by mistake has it back.
  await page.getByTestId('reset').click();
  await page.getByTestId('notice-action').click();
  await status(page, 'paused');
  expect(await stepOf(page)).toBe(paused);

  // The run is that of an open page, so another one has nothing to resume.
  const other = await page.context().newPage();
  await other.goto(`${pageUrl}${tiny}`);
  await status(other, 'ready');
  expect(await other.getByTestId('resume-banner').isVisible()).toBe(false);
  await other.close();

  await page.reload();
  await page.getByTestId('resume-saved').click();
  await status(page, 'running');
  await pastStep(page, paused);
  expect(await page.getByTestId('step').textContent()).toContain('of 5\u202f000');
  await page.getByTestId('pause').click();
  await status(page, 'paused');

  await page.reload();
  await page.getByTestId('discard-saved').click();
  await status(page, 'ready');
  await page.reload();
  await status(page, 'ready');
  expect(await page.getByTestId('resume-banner').isVisible()).toBe(false);
  expect(problems).toEqual([]);
});

test('what cannot be used is said with the numbers, and the page goes on', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(pageUrl + tiny);
  await status(page, 'ready');
  const published = await page
    .getByTestId('preset')
    .locator('option')
    .evaluateAll(options =>
      options.map(o => (o as HTMLOptionElement).value).filter(v => v.includes('published')),
    );
  await page.getByTestId('preset').selectOption(published.at(-1)!);
  const error = page.getByTestId('error');
  await error.waitFor();
  expect(await error.textContent()).toMatch(/\d.*(GiB|MiB)/);

  await page.getByTestId('preset').selectOption('tiny');
  await status(page, 'ready');
  expect(await error.count()).toBe(0);

  await show(page, 'details');
  const steps = page.getByTestId('steps');
  const problem = page.getByTestId('settings-problem');
  await steps.fill('0');
  await steps.press('Tab');
  expect(await problem.textContent()).toBe('Steps: a whole number from 1 to 100\u202f000\u202f000.');
  expect(await page.getByTestId('seed').evaluate(seed => seed === document.activeElement)).toBe(true);
  // From wherever it is pressed, the field that is wrong is shown.
  await show(page, '');
  await page.getByTestId('train').click();
  await status(page, 'ready');
  expect(await steps.evaluate(field => field === document.activeElement)).toBe(true);
  await steps.fill('24');
  await steps.press('Tab');
  expect(await problem.textContent()).toBe('');

  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'notes.nc', mimeType: 'application/x-netcdf', buffer: Buffer.from('not NetCDF') });
  await error.waitFor();
  expect(await error.textContent()).toContain('notes.nc');
  await page.getByTestId('error-dismiss').click();
  expect(await error.count()).toBe(0);
  await show(page, 'data');
  await page.getByTestId('use-embedded').click();
  await status(page, 'ready');
  expect(problems).toEqual([]);
});

test('a browser with WebGPU but no adapter is told what to do', async ({ page, pageUrl, context }) => {
  await context.route('**/worker-*.js', async route => {
    const response = await route.fetch();
    const none =
      'Object.defineProperty(Object.getPrototypeOf(navigator.gpu), "requestAdapter", { value: async () => null });';
    await route.fulfill({ response, body: none + (await response.text()) });
  });
  await page.goto(pageUrl);
  await page.getByTestId('no-webgpu').waitFor({ state: 'visible' });
  expect(await page.getByTestId('no-webgpu').textContent()).toContain('no graphics adapter');
});
