/**
 * How pages find a way to each other on networks like those of schools: three machines in network namespaces, the page
 * served as `npm start -- --lan` does, a browser on each of the two clients.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtPage } from '../../scripts/build-page.mjs';
import { chromiumFlags } from '../../scripts/chromium.mjs';
import { findChromium } from '../../scripts/find-browser.mjs';
import { newRoom } from '../../src/crew/invite.ts';
import { buildNetwork, type Machine, type Network } from './network.ts';
import type { JoinOptions } from './ways-page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const testPage = 'test/e2e/ways.html';
const isForbidden = process.env.ISOBAR_NO_NAMESPACES === '1';
if (isForbidden) console.warn('ISOBAR_NO_NAMESPACES=1: nothing is known of STUN and TURN on this machine.');

describe.skipIf(isForbidden)('on a network that lets no multicast through', () => {
  let network: Network;
  let server: ChildProcessWithoutNullStreams;
  let printed = '';
  let url: string;
  let browsers: Record<Machine, Browser>;
  let certificates: string;

  beforeAll(async () => {
    network = buildNetwork();
    network.multicast(false);
    certificates = mkdtempSync(join(tmpdir(), 'isobar-ways-'));
    const { folder } = await builtPage(root, testPage);
    const script = `${root}test/e2e/ways-server.mjs`;
    server = network.start('server', process.execPath, [script, folder, `/${testPage}`, certificates]);
    const port = await new Promise<string>((resolve, reject) => {
      const read = (text: Buffer) => {
        printed += text;
        const found = /^port (\d+)$/m.exec(printed);
        if (found) resolve(found[1]);
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      server.once('exit', () => reject(new Error(`The server ended: ${printed}`)));
    });
    url = `https://${network.addresses.server}:${port}/`;
    const started = (['server', 'ada', 'bob'] as const).map(async machine => [
      machine,
      await browserOn(machine),
    ]);
    browsers = Object.fromEntries(await Promise.all(started));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(Object.values(browsers).map(browser => browser.close()));
    const gone = once(server, 'exit');
    server.kill();
    await gone;
    network.close();
    rmSync(certificates, { recursive: true });
  });

  const browserOn = (machine: Machine) =>
    chromium.launch({ executablePath: network.wrapper(machine, findChromium()!), args: chromiumFlags });

  async function pageOn(machine: Machine, options: JoinOptions): Promise<Page> {
    const context = await browsers[machine].newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    // Who serves the page opens it as the terminal says.
    await page.goto(machine === 'server' ? `https://localhost:${new URL(url).port}/` : url);
    await page.evaluate(given => window.waysPage.join(given), options);
    return page;
  }

  /** A host and a guest, each on a machine of its own. */
  async function pair(host: Machine, iceServers?: RTCIceServer[]): Promise<Page[]> {
    const room = newRoom();
    return Promise.all([
      pageOn(host, { ...room, role: 'host', iceServers }),
      pageOn('bob', { ...room, role: 'guest', iceServers }),
    ]);
  }

  /** A number each way. */
  const exchange = (pages: readonly Page[]) =>
    Promise.all(pages.map((page, i) => page.evaluate(number => window.waysPage.exchange(number), i + 1)));
  const ways = (pages: readonly Page[]) =>
    Promise.all(pages.map(page => page.evaluate(() => window.waysPage.way())));
  const notices = (pages: readonly Page[]) =>
    Promise.all(pages.map(page => page.evaluate(() => window.waysPage.notice())));
  const close = (pages: readonly Page[]) => Promise.all(pages.map(page => page.context().close()));
  const byRelay = { own: 'relay', other: 'relay' };
  const stun = () => `stun:${network.addresses.server}:3478`;

  test('pages connect by STUN; without it they say that names lead nowhere', async () => {
    expect(printed).toContain('STUN and TURN are on port 3478');
    const [helped, taught, left] = await Promise.all([pair('ada'), pair('server'), pair('ada', [])]);
    for (const pages of [helped, taught]) {
      expect(await exchange(pages)).toEqual([2, 1]);
      // The other one's address as STUN told it, not by its name; `prflx` where its first packet was faster.
      for (const { other } of await ways(pages)) expect(other).toMatch(/^(srflx|prflx)$/);
    }
    for (const notice of await notices(left))
      expect(notice).toContain('multicast, which this network does not let through');
    await Promise.all([helped, taught, left].map(close));
  });

  test('clients that are kept apart connect by TURN; without it they say that they are', async () => {
    network.apart(true);
    const [helped, left] = await Promise.all([pair('ada'), pair('ada', [{ urls: stun() }])]);
    expect(await exchange(helped)).toEqual([2, 1]);
    expect(await ways(helped)).toEqual([byRelay, byRelay]);
    for (const notice of await notices(left))
      expect(notice).toContain('the network keeps its machines apart');
    await Promise.all([close(helped), close(left)]);
  });

  test('where UDP is blocked, too, they connect by TURN over TCP; where that is, they say so', async () => {
    network.blockUdp();
    const helped = await pair('ada');
    expect(await exchange(helped)).toEqual([2, 1]);
    expect(await ways(helped)).toEqual([byRelay, byRelay]);
    network.blockTcp(3478);
    const left = await pair('ada');
    for (const notice of await notices(left)) expect(notice).toContain('no answer came to this page from');
    await Promise.all([helped, left].map(close));
  });
});
