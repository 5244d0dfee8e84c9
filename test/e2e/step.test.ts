/** Step mode in the page: the address of a beat shows it, with values of the next step, forward and backward. */
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { status } from './mesh-page.ts';

test.for(['1x1', '2x2'])(
  'a block is stepped through forward and backward on %s',
  async (mesh, { page, pageUrl, problems }) => {
    await page.goto(`${pageUrl}?preset=tiny&mesh=${mesh}#/step/blocks.0.tokens/forward/3`);
    await status(page, 'ready');
    const step = page.locator('isobar-step');
    const maps = step.locator('isobar-heat-map canvas');
    await maps.first().waitFor();
    await maps.first().focus();
    await step
      .locator('.step-value')
      .filter({ hasText: /rank 0 \[0, 0\] = [-−]?\d/ })
      .waitFor();
    await step.locator('[data-shader]').first().click();
    await step.locator('.step-wgsl', { hasText: '@compute' }).waitFor();
    await step.getByRole('button', { name: 'Next' }).click();
    await page.waitForFunction(() => location.hash === '#/step/blocks.0.tokens/forward/4');
    await step.locator('[data-phase=backward]').click();
    await page.waitForFunction(() => location.hash === '#/step/blocks.0.tokens/backward/1');
    expect(await step.locator('.step-beats [data-beat]').count()).toBe(9);
    // Looking changes nothing: the run trains on.
    await page.getByTestId('one-step').click();
    await status(page, 'paused');
    expect(problems).toEqual([]);
  },
);
