/** The headless browser of a terminal run. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArguments } from '../../scripts/chromium.mjs';
import { ensureChromium } from '../../scripts/install-browser.mjs';
import type { RunEvent } from '../session/api.ts';
import './bridge.ts';

export interface HeadlessPage {
  readonly page: Page;
  /** Rejects if the page or the browser dies; never resolves. */
  readonly died: Promise<never>;
  close(): Promise<void>;
}

/**
 * Opens the run's page with a WebGPU adapter: the machine's GPU where Chromium finds one, else SwiftShader.
 *
 * @param url address of `page.html` on the local server
 * @param onEvent gets every event of the session
 * @throws Error where there is no adapter at all.
 */
export async function openPage(url: string, onEvent: (event: RunEvent) => void): Promise<HeadlessPage> {
  const executablePath = ensureChromium();
  for (const software of [false, true]) {
    const browser = await chromium.launch({
      executablePath,
      args: chromiumArguments({ software }),
      // Ctrl-C must leave the browser alive until the checkpoint is saved.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const page = await browser.newPage();
    const died = untilDeath(browser, page);
    await page.exposeFunction('isobarEvent', onEvent);
    await page.goto(url);
    if (await page.evaluate(() => window.isobar.hasAdapter())) {
      return { page, died, close: () => browser.close() };
    }
    await browser.close();
  }
  throw new Error(
    `${executablePath} has no WebGPU adapter, not even the software one. Update it, or name another with CHROME_PATH.`,
  );
}

function untilDeath(browser: Browser, page: Page): Promise<never> {
  const death = new Promise<never>((_, reject) => {
    page.on('crash', () =>
      reject(new Error('The page crashed, most likely out of memory: use a smaller batch.')),
    );
    page.on('pageerror', error => reject(new Error(`The page failed: ${error.message}`)));
    browser.on('disconnected', () => reject(new Error('The browser ended unexpectedly.')));
  });
  // Closing the browser in the ordinary way disconnects it too, when nobody waits any more.
  death.catch(() => {});
  return death;
}
