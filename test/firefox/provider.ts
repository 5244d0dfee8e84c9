/**
 * A vitest browser provider that runs test files in a stock Firefox through WebDriver BiDi, which Playwright does
 * not speak. It opens pages and closes them, and offers no clicks, no screenshots and no module mocks: the op tests
 * need none.
 */
import { defineBrowserProvider } from '@vitest/browser';
import puppeteer, { type Browser } from 'puppeteer-core';
import type { BrowserProvider } from 'vitest/node';

/** WebGPU is off by default in Firefox ESR for Linux, and its list of blocked drivers has the software ones. */
const preferences = { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true };

/** @param executablePath the Firefox to start; its absence fails the run. */
export function stockFirefox(executablePath: string | undefined) {
  return defineBrowserProvider({
    name: 'stock-firefox',
    supportedBrowser: ['firefox'],
    providerFactory: () => openFirefox(executablePath),
  });
}

function openFirefox(executablePath: string | undefined): BrowserProvider {
  let browser: Promise<Browser> | undefined;
  const launch = () =>
    puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      extraPrefsFirefox: preferences,
    });
  return {
    name: 'stock-firefox',
    supportsParallelism: false,
    getCommandsContext: () => ({}),
    openPage: async (_session, url) => {
      browser ??= launch();
      const page = await (await browser).newPage();
      await page.goto(url, { timeout: 0, waitUntil: 'domcontentloaded' });
    },
    close: async () => {
      await (await browser)?.close();
    },
  };
}
