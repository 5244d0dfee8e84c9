/**
 * Nothing that the page does is against its own policy, in two browsers: a run on one rank and one on a mesh, with curves,
 * maps and scores, a Zarr store of another site, a room and its QR code. Browsers report what they refuse to the server,
 * workers of the page included.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import { findFirefox } from '../../scripts/find-browser.mjs';
import { contentSecurityPolicy, pageHeaders } from '../../scripts/page-headers.mjs';
import { createPageServer } from '../../scripts/page-server.mjs';
import { waveStore } from '../node/data/wave-store.ts';
import { test } from './fixture.ts';
import { serveStore } from './store-folder.ts';

const reportPath = '/violations';
let server: Server;
let url: string;
let store: Awaited<ReturnType<typeof serveStore>>;
/** What browsers have refused so far: the directive, and what was against it. */
const refused: string[] = [];
let heard: () => void = () => {};

beforeAll(async () => {
  store = await serveStore(waveStore(), true);
  server = await createPageServer(fileURLToPath(new URL('../../dist', import.meta.url)), {
    headers: {
      ...pageHeaders,
      'Content-Security-Policy': `${pageHeaders['Content-Security-Policy']}; report-uri ${reportPath}`,
    },
  });
  server.on('request', async request => {
    if (request.url !== reportPath) return;
    const { 'csp-report': report } = JSON.parse(await text(request));
    refused.push(`${report['effective-directive']}: ${report['blocked-uri']}`);
    heard();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  server.close();
  await store.close();
});
afterEach(() => void refused.splice(0));

/** What the pages of both drivers have. */
interface DrivenPage {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
}

const found = (page: DrivenPage, selector: string) =>
  page.evaluate(`new Promise(resolve => {
    const look = () => document.querySelector(${JSON.stringify(selector)}) && resolve();
    new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
    look();
  })`);

const id = (name: string) => `[data-testid=${name}]`;
const isIn = (status: string) => `${id('status')}[data-status=${status}]`;
const press = (page: DrivenPage, selector: string) =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
const enter = (page: DrivenPage, selector: string, value: string) =>
  page.evaluate(`{
    const field = document.querySelector(${JSON.stringify(selector)});
    field.value = ${JSON.stringify(value)};
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
  }`);

async function useThePage(page: DrivenPage): Promise<void> {
  await page.goto(`${url}?preset=tiny&steps=6&seed=3`);
  await found(page, isIn('ready'));
  await press(page, id('train'));
  await found(page, isIn('done'));
  await found(page, `${id('loss-chart')}[data-points="6"]`);
  await found(page, '#maps[data-drawn]');
  await found(page, `${id('skill-table')} tbody tr`);

  await press(page, id('reset'));
  await found(page, isIn('ready'));
  await enter(page, id('mesh'), '1x2');
  await found(page, isIn('ready'));
  await press(page, id('train'));
  await found(page, isIn('done'));
  await found(page, `${id('rank-table')} [data-rank="1"]`);

  await press(page, id('invite'));
  await enter(page, id('room-kind'), 'relay');
  await press(page, id('open-room'));
  await found(page, '#invitation:not([hidden])');
  await press(page, '#qr summary');
  await found(page, '#qr-code svg');

  await press(page, id('open-store'));
  await enter(page, id('store-url'), `${store.url}waves.zarr`);
  await press(page, id('store-by-url'));
  await found(page, isIn('ready'));
  expect(await page.evaluate(`document.querySelector('#data-source').textContent`)).toBe('waves.zarr');
}

/** Puts in what no page of Isobar has, and waits until it is refused: nothing else was. */
async function expectNothingElseRefused(page: DrivenPage): Promise<void> {
  const arrived = new Promise<void>(resolve => {
    heard = () => {
      if (refused.some(line => line.startsWith('script-src-elem'))) resolve();
    };
  });
  await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'window.isInjected = true';
    document.body.append(script);
  }`);
  await arrived;
  expect(refused).toEqual(['script-src-elem: inline']);
  expect(await page.evaluate('window.isInjected')).toBeUndefined();
}

test('Chromium has nothing to refuse', async ({ page, problems }) => {
  await useThePage(page);
  expect(problems).toEqual([]);
  await expectNothingElseRefused(page);
});

test.runIf(findFirefox())('neither has Firefox', async () => {
  const firefox = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findFirefox(),
    headless: true,
    // WebGPU is off by default in Firefox ESR for Linux, and its list of blocked drivers has the software ones.
    extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
  });
  onTestFinished(() => firefox.close());
  const page = await firefox.newPage();
  await useThePage(page);
  await expectNothingElseRefused(page);
});

test('a host that sends no headers is as strict, by what is in the page', async ({ page, pageUrl }) => {
  await page.route(pageUrl, async route => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { 'Content-Type': 'text/html' } });
  });
  await page.goto(pageUrl);
  const policy = page.locator('head > meta:first-child');
  expect(await policy.getAttribute('http-equiv')).toBe('Content-Security-Policy');
  expect(await policy.getAttribute('content')).toBe(contentSecurityPolicy);
  const refusal = await page.evaluate(
    () =>
      new Promise<string>(resolve => {
        document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.isInjected = true';
        document.body.append(script);
      }),
  );
  expect(refusal).toBe('script-src-elem');
  expect(await page.evaluate(() => 'isInjected' in window)).toBe(false);
});
