// npm run pictures: the pictures of the page in docs/, remade from the recorded run in public/recordings (npm run record).
// Run it when the page has come to look otherwise: test/e2e/recording.test.ts draws them again and compares.
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { chromiumFlags } from './chromium.mjs';
import { drawPictures, pictureContext } from './draw-pictures.mjs';
import { ensureChromium } from './install-browser.mjs';
import { servePage } from './serve-page.mjs';
import { root, setUp } from './setup.mjs';

setUp();
const server = await servePage('index.html');
const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
try {
  const context = await browser.newContext(pictureContext);
  const pictures = await drawPictures(await context.newPage(), server.url);
  for (const [name, png] of pictures) {
    const path = `${root}docs/${name}.png`;
    await writeFile(path, png);
    console.log(path);
  }
} finally {
  await browser.close();
  await server.close();
}
