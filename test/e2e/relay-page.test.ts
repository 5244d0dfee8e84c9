/** The page in browsers that share nothing but a relay, which fails in the middle of a run. */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { type Plugin, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect } from 'vitest';
import { isolationHeaders } from '../../scripts/page-headers.mjs';
import { attachRelay } from '../../scripts/relay.mjs';
import { openContext, test } from './fixture.ts';
import { joined, lossAlert, pastStep, ranks, saveOnce, status, stepOf } from './mesh-page.ts';

/** The page says that its server has a relay, as that of `npm start` does. */
const tellOfRelay: Plugin = {
  name: 'isobar-test-tell-of-relay',
  configurePreviewServer({ config, middlewares }) {
    middlewares.use(async ({ url = '' }, response, next) => {
      if (new URL(url, 'http://page').pathname !== '/') return next();
      const page = await readFile(`${config.root}/${config.build.outDir}/index.html`, 'utf8');
      response.writeHead(200, { 'Content-Type': 'text/html', ...isolationHeaders });
      response.end(page.replace('<head>', '<head><meta name="isobar-relay" />'));
    });
  },
};

let server: PreviewServer;
let endRelay: () => void;
let url: string;
const startRelay = () => {
  endRelay = attachRelay(server.httpServer as Server);
};
beforeAll(async () => {
  server = await preview({
    plugins: [tellOfRelay],
    preview: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  });
  startRelay();
  url = server.resolvedUrls!.local[0];
});
afterAll(async () => {
  endRelay();
  await server.close();
});

/** A page of a browser of its own. */
const elsewhere = async (browser: Browser) => (await openContext(browser)).newPage();

async function ask(guest: Page, invitation: string, name: string): Promise<void> {
  await guest.goto(invitation);
  await guest.getByTestId('join-name').fill(name);
  await guest.getByTestId('ask').click();
}

async function admit(host: Page, guest: Page, name: string): Promise<void> {
  await host.getByTestId('asking').getByText(name).waitFor();
  await host.getByTestId('admit').click();
  await joined(guest, 'admitted');
}

const notice = (page: Page, words: string) => page.getByTestId('notice').filter({ hasText: words }).waitFor();

test('the relay ends in mid-run: the run goes on, others can join when it is back, and take an empty seat', async ({
  page: host,
  browser,
  problems,
}) => {
  await host.goto(`${url}?preset=tiny&steps=100000&seed=3#/share`);
  await status(host, 'ready');
  await host.getByTestId('invite').click();
  await host.getByTestId('room-kind').selectOption('relay');
  await host.getByTestId('open-room').click();
  const link = host.getByTestId('invite-link');
  await link.waitFor();
  const invitation = await link.inputValue();
  const ann = await elsewhere(browser);
  await ann.addInitScript(() => localStorage.setItem('isobar-tell-power', 'yes'));
  await ask(ann, invitation, 'Ann');
  await admit(host, ann, 'Ann');
  await host.getByTestId('mesh').selectOption('1x2');
  await host.getByTestId('train').click();
  await pastStep(host, 0);
  // Her machine is a meter of its own, by what her page tells: a processor with threads, of which her adapter says nothing.
  const machine = host.locator('[data-testid=energy-machines] li', { hasText: 'Ann' });
  await machine.filter({ hasText: /a processor of \d+ threads/ }).waitFor({ state: 'attached' });
  await joined(ann, 'seated');
  const saved = await saveOnce(host);

  endRelay();
  await notice(host, 'Connected peers are not affected. Until one answers, nobody else can join.');
  await notice(ann, 'does not answer; trying again');
  await pastStep(host, await stepOf(host));
  // Ann asks once more, in a second browser.
  const late = await elsewhere(browser);
  await late.clock.install();
  await ask(late, invitation, 'Ann');
  await notice(late, 'does not answer; trying again');
  await late.clock.fastForward(10_000);
  const words = late.getByTestId('join-status');
  await words.filter({ hasText: 'No host has answered yet. Is its page open' }).waitFor();

  startRelay();
  await notice(host, 'The relay is back.');
  await words.filter({ hasText: 'The host decides.' }).waitFor();
  expect(await lossAlert(host).count()).toBe(0);
  await admit(host, late, 'Ann (2)');
  await host
    .getByTestId('unseated')
    .filter({ hasText: 'Ann (2) is here and has no rank, until one is lost' })
    .waitFor();
  await ann.close();
  const alert = lossAlert(host).filter({ hasText: 'Rank 1 is lost' });
  await alert.filter({ hasText: 'It was held by Ann.' }).waitFor();
  expect(await alert.textContent()).toContain('what is missing is taken over by Ann (2), then this page.');
  await alert.getByRole('button', { name: 'Go on with 1x2' }).click();
  await joined(late, 'seated');
  await pastStep(host, saved);
  expect(await ranks(host).last().textContent()).toContain('Ann (2)');
  // What the first one's machine took stays in the sum.
  await host
    .locator('[data-testid=energy-machines] li[data-left]', { hasText: 'Ann' })
    .waitFor({ state: 'attached' });
  expect(problems.filter(text => !text.includes('WebSocket'))).toEqual([]);
});
