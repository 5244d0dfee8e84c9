/**
 * What an end-to-end test gets: `page`, open on nothing yet, in a browser context of its own (so with empty storage),
 * and `problems`, every console error and uncaught exception so far. One browser serves all tests of a file.
 *
 *     test('the page opens', async ({ page, pageUrl, problems }) => {
 *       await page.goto(pageUrl);
 *       expect(problems).toEqual([]);
 *     });
 */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { test as base, inject } from 'vitest';
import { chromiumFlags } from '../../scripts/chromium.mjs';
import { findChromium } from '../../scripts/find-browser.mjs';

/** How long a loaded machine may take for what a page is waited for. */
const PATIENCE_MS = 120_000;

/** A browser context of its own, with empty storage. */
export async function openContext(
  browser: Browser,
  options?: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/** What a page shows when its test has failed: on another machine nobody can look at it. */
async function tell(page: Page): Promise<void> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not shown.
  const asked = page.locator('body').innerText({ timeout: 5000 });
  const text = await asked.catch((error: Error) => `that does not answer: ${error.message}`);
  console.error(`${page.url()} shows:\n${text.replace(/\s*\n\s*/g, ' | ').slice(0, 2000)}`);
}

export interface PageFixture {
  /** Address of the built page. */
  readonly pageUrl: string;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly problems: string[];
}

export const test = base.extend<PageFixture>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names a fixture needs from this pattern.
  pageUrl: async ({}, use) => use(inject('pageUrl')),
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  context: async ({ browser }, use) => {
    const context = await openContext(browser);
    await use(context);
    await context.close();
  },
  page: async ({ context, task }, use) => {
    await use(await context.newPage());
    if (task.result?.state === 'fail') for (const open of context.pages()) await tell(open);
  },
  problems: async ({ page, task }, use) => {
    const problems: string[] = [];
    const warnings: string[] = [];
    page.on('console', message => {
      if (message.type() === 'error') problems.push(`${message.text()} (${message.location().url})`);
      if (message.type() === 'warning') warnings.push(message.text());
    });
    page.on('pageerror', error => problems.push(error.message));
    await use(problems);
    if (task.result?.state === 'fail')
      console.error(`Its console had: ${[...problems, ...warnings].join('\n') || 'nothing'}`);
  },
});
