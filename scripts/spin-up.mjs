// npm run spin-up: makes src/data/atmosphere/spun-up.bin, the state that the usual atmosphere is in after its spin-up, eight bytes a
// number, the lowest first. In Chromium, as pages compute it: another engine's sines may differ in their last digit.
import { writeFile } from 'node:fs/promises';
import { chromiumFlags } from './chromium.mjs';
import { ensureChromium } from './install-browser.mjs';
import { root, setUp } from './setup.mjs';

setUp();
const { chromium } = await import('playwright-core');
const { createServer } = await import('vite');

const server = await createServer({ root, server: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
await server.listen();
const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
try {
  const page = await browser.newPage();
  // Any file of the server: its address is that of the modules.
  await page.goto(`${server.resolvedUrls?.local[0]}favicon.svg`);
  const numbers = await page.evaluate(
    async path => [.../** @type {Float64Array} */ ((await import(path)).spinUp())],
    '/src/data/atmosphere/spun-up.ts',
  );
  const bytes = Buffer.alloc(8 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeDoubleLE(number, 8 * i);
  const file = `${root}src/data/atmosphere/spun-up.bin`;
  await writeFile(file, bytes);
  console.log(`${file}: ${numbers.length} numbers`);
} finally {
  await browser.close();
  await server.close();
}
