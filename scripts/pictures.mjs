// npm run pictures: the pictures of the page in docs/, from the built page as it trains the demo on 2x2 here. One command
// remakes them all, so that they show what there is.
import { chromium } from 'playwright-core';
import { chromiumFlags } from './chromium.mjs';
import { ensureChromium } from './install-browser.mjs';
import { servePage } from './serve-page.mjs';
import { root, setUp } from './setup.mjs';

/** Views, and what they are called in docs/. */
const pictures = [
  ['#/', 'page'],
  ['#/board', 'board'],
  ['#/timeline', 'timeline'],
];
const steps = 120;

setUp();
const server = await servePage('index.html');
const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  await page.goto(`${server.url}?preset=demo&steps=${steps}&mesh=2x2`);
  /** @param {string} wanted */
  const status = wanted =>
    page.locator(`[data-testid=status][data-status=${wanted}]`).waitFor({ timeout: 600_000 });
  await status('ready');
  await page.getByTestId('train').click();
  await status('done');
  for (const [hash, name] of pictures) {
    await page.evaluate(to => {
      location.hash = to;
    }, hash);
    await page.locator(`main[data-view=${hash === '#/' ? 'home' : hash.slice(2)}]`).waitFor();
    await page.evaluate(() => new Promise(resolve => requestIdleCallback(resolve)));
    const path = `${root}docs/${name}.png`;
    await page.screenshot({ path });
    console.log(path);
  }
} finally {
  await browser.close();
  await server.close();
}
