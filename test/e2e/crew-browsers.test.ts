/** Two browsers that share nothing but a relay train one model. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { chromiumFlags } from '../../scripts/chromium.mjs';
import { findChromium, findFirefox } from '../../scripts/find-browser.mjs';
import { startRelay } from '../../scripts/relay.mjs';
import {
  expectEqualRuns,
  openFirefoxGuest,
  openGuest,
  openHost,
  ranksByName,
  serveCrewPage,
  type TrainedRun,
  train,
} from './crew-runs.ts';

const pair = { rows: 1, columns: 2, replicas: 1 };
let served: Awaited<ReturnType<typeof serveCrewPage>>;
let relay: Awaited<ReturnType<typeof startRelay>>;
let browser: Browser;
let host: Page;
/** Of one rank, in the host's page. */
let whole: TrainedRun;

const startChromium = () => chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
const contextOf = (started: Browser): Promise<BrowserContext> => started.newContext();

beforeAll(async () => {
  [served, browser] = await Promise.all([serveCrewPage(), startChromium()]);
  relay = await startRelay({ origins: [new URL(served.url).origin] });
  host = await openHost(await contextOf(browser), served.url);
  whole = await train(host);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([served.close(), relay.close()]);
});

const invite = () =>
  host.evaluate(url => window.crewPage.open({ kind: 'relay', relayUrls: [url] }), relay.url);

async function expectEqualPair(): Promise<void> {
  expectEqualRuns(await train(host, pair), whole);
  expect(await ranksByName(host)).toEqual({ 'The host': [0], Ada: [1] });
}

test('two Chromium processes train a mesh of 1x2 as one does', async () => {
  const second = await startChromium();
  onTestFinished(() => second.close());
  await openGuest(await contextOf(second), served.url, await invite(), 'Ada');
  await expectEqualPair();
});

test.runIf(findFirefox())('so do a Chromium and a Firefox', async () => {
  const firefox = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findFirefox(),
    headless: true,
    // WebGPU is off by default in Firefox ESR for Linux, and its list of blocked drivers has the software ones.
    extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
  });
  onTestFinished(() => firefox.close());
  await openFirefoxGuest(firefox, served.url, await invite(), 'Ada');
  await expectEqualPair();
});
