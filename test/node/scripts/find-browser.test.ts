import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findChromium, findFirefox } from '../../../scripts/find-browser.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-browsers-'));
  vi.stubEnv('CHROME_PATH', '');
  vi.stubEnv('FIREFOX_PATH', '');
  vi.stubEnv('PATH', join(folder, 'bin'));
  vi.stubEnv('PLAYWRIGHT_BROWSERS_PATH', join(folder, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function file(...path: string[]): Promise<string> {
  const whole = join(folder, ...path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, '');
  return whole;
}

test('the named browser comes before the one on the path', async () => {
  const onPath = await file('bin', 'chromium');
  expect(findChromium()).toBe(onPath);
  const named = await file('mine');
  vi.stubEnv('CHROME_PATH', named);
  expect(findChromium()).toBe(named);
});

test('a named browser that is not there is an error, not another browser', async () => {
  await file('bin', 'chromium');
  vi.stubEnv('CHROME_PATH', join(folder, 'nowhere'));
  expect(findChromium).toThrow(/CHROME_PATH is .*nowhere, but there is no such file/);
});

test.runIf(process.platform === 'linux')('the newest full Chromium of the cache is taken', async () => {
  expect(findChromium()).toBeUndefined();
  await file('cache', 'chromium-999', 'chrome-linux', 'chrome');
  await file('cache', 'chromium_headless_shell-1300', 'chrome-linux', 'chrome');
  const newest = await file('cache', 'chromium-1200', 'chrome-linux64', 'chrome');
  expect(findChromium()).toBe(newest);
});

test('Firefox is found by name too', async () => {
  const onPath = await file('bin', 'firefox-esr');
  expect(findFirefox()).toBe(onPath);
});
