// The pictures of the page in docs/, as a browser without WebGPU draws them: it plays the recorded run to its end. So they
// are the same wherever they are drawn, but for the letters, and a test can tell when the page has come to look otherwise.

/** Views, and what they are called in docs/. */
const views = /** @type {const} */ ([
  ['', 'page'],
  ['board', 'board'],
  ['timeline', 'timeline'],
]);

export const pictureContext = /** @type {const} */ ({
  viewport: { width: 1280, height: 800 },
  colorScheme: 'light',
  reducedMotion: 'reduce',
  locale: 'en-GB',
  timezoneId: 'UTC',
});

/**
 * @param {import('playwright-core').Page} page open on nothing yet, in a context like `pictureContext`
 * @param {string} url of the built page
 * @returns {Promise<Map<string, Buffer>>} PNGs by name
 */
export async function drawPictures(page, url) {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
  });
  await page.goto(url);
  // Behind another page nothing would be idle.
  await page.bringToFront();
  // Without motion the end is shown at once.
  await page.locator('[data-testid=play][data-state=ended]').waitFor();
  // What is missing in this browser is no part of the picture.
  await page.evaluate(() => document.getElementById('no-webgpu')?.remove());
  const pictures = new Map();
  for (const [view, name] of views) {
    await page.evaluate(hash => {
      location.hash = hash;
    }, `#/${view}`);
    await page.locator(`main[data-view=${view || 'home'}]`).waitFor();
    if (view === '') {
      await page.locator('[data-testid=played-loss-chart] svg').waitFor();
      await page.waitForFunction(isDrawn, '.weather-map.large .coast');
    }
    if (view === 'timeline') await page.locator('isobar-timeline canvas').waitFor();
    await page.evaluate(() => document.fonts.ready);
    pictures.set(name, await still(page));
  }
  return pictures;
}

/** @param {string} selector of a canvas */
function isDrawn(selector) {
  const canvas = document.querySelector(selector);
  if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0) return false;
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels?.some(value => value > 0) ?? false;
}

/**
 * Charts are drawn a moment after what they show: the picture is taken when it is the same twice.
 *
 * @param {import('playwright-core').Page} page
 */
async function still(page) {
  let before = await page.screenshot({ fullPage: true });
  for (let tries = 0; tries < 20; tries++) {
    await page.evaluate(() => new Promise(resolve => requestIdleCallback(resolve, { timeout: 1000 })));
    const now = await page.screenshot({ fullPage: true });
    if (now.equals(before)) return now;
    before = now;
  }
  throw new Error(`The page at ${page.url()} does not come to rest: no two of 20 pictures of it are alike.`);
}
