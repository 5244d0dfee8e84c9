/** The headless browser of a terminal run, and its pages. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArguments } from '../../scripts/chromium.mjs';
import { ensureChromium } from '../../scripts/install-browser.mjs';
import type { RunEvent } from '../session/api/api.ts';
import { answerOf } from './bridge.ts';

export interface HeadlessPage {
  readonly page: Page;
  /** Rejects if the page or the browser dies; never resolves. */
  readonly died: Promise<never>;
  /**
   * Opens a page that takes a rank, and resolves when the host has let it in.
   * @param invitation from the host's page
   */
  openGuest(invitation: string): Promise<void>;
  close(): Promise<void>;
}

/** A page joins within a second or two, even of many on a slow machine. */
const joinSeconds = 60;

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
    // Pages of one context are tabs of one browser to each other: they can meet without a server.
    const context = await browser.newContext();
    const page = await context.newPage();
    const died = untilDeath(browser, page);
    await page.exposeFunction('isobarEvent', onEvent);
    await page.goto(url);
    if (await answerOf(page.evaluate(() => window.isobar.hasAdapter()))) {
      const openGuest = async (invitation: string) => join(await context.newPage(), invitation);
      return { page, died, openGuest, close: () => browser.close() };
    }
    await browser.close();
  }
  throw new Error(
    `${executablePath} has no WebGPU adapter, not even the software one. Update it, or name another with CHROME_PATH.`,
  );
}

async function join(page: Page, invitation: string): Promise<void> {
  await page.goto(invitation);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`A page did not find the first one within ${joinSeconds} s.`)),
      1000 * joinSeconds,
    );
  });
  await Promise.race([late, answerOf(page.evaluate(() => window.isobarAdmission))]);
  clearTimeout(timer);
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
