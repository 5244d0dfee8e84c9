import { expect } from 'vitest';
import { test } from './fixture.ts';

test('the built page opens, isolated, with a WebGPU adapter and without a console error', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(pageUrl, { waitUntil: 'networkidle' });
  expect(await page.title()).toContain('Isobar');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(async () => (await navigator.gpu.requestAdapter()) !== null)).toBe(true);
  expect(problems).toEqual([]);
});

test('a browser without WebGPU is told what to do', async ({ page, pageUrl, problems }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
  });
  await page.goto(pageUrl);
  const notice = page.getByTestId('no-webgpu');
  await notice.waitFor({ state: 'visible' });
  expect(await notice.textContent()).toMatch(/WebGPU/);
  expect(problems).toEqual([]);
});
