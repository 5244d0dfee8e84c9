import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { WebSocket } from 'ws';
import { lanHosts } from '../../scripts/certificate.mjs';
import { newRoom, relayBeside } from '../../src/crew/invite.ts';
import type { Json, joinRoom, RoomOptions } from '../../src/net/room.ts';
import { test } from './fixture.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { addresses } = lanHosts();
const host = addresses[0] ?? '127.0.0.1';
let server: ChildProcess;
let port: number;
let printed = '';
/** Address of the page as another machine would open it. */
let pageUrl: string;

beforeAll(async () => {
  port = await freePort();
  server = spawn(process.execPath, ['scripts/start.mjs', '--lan', '--port', `${port}`], { cwd: root });
  await new Promise<void>((resolve, reject) => {
    const read = (text: Buffer) => {
      printed += text;
      if (/fingerprint:\n +\S+\n/.test(printed)) resolve();
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', code => reject(new Error(`npm start ended with code ${code}: ${printed}`)));
  });
  pageUrl = `https://${host.includes(':') ? `[${host}]` : host}:${port}/`;
});
afterAll(async () => {
  if (server.exitCode !== null) return;
  server.kill();
  await once(server, 'exit');
});

test('npm start -- --lan prints every address, and its certificate is for all of them', async () => {
  for (const address of addresses.filter(address => !address.includes(':'))) {
    expect(printed).toContain(`https://${address}:${port}/`);
  }
  const socket = connect({ host, port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = new X509Certificate(socket.getPeerCertificate().raw);
  socket.destroy();
  for (const address of [...addresses, '127.0.0.1']) expect(certificate.checkIP(address)).toBe(address);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(printed).toContain(certificate.fingerprint256);
});

test('the page is told of the relay', async ({ browser }) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await (await context.request.get(pageUrl)).text();
  expect(page).toContain('<meta name="isobar-relay">');
  await context.close();
});

test('nobody can fetch the key of the certificate or write through the proxy', async ({ browser }) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const status = async (path: string, method: string) =>
    (await context.request.fetch(pageUrl + path, { method })).status();
  expect(await status('.isobar/key.pem', 'GET')).toBe(403);
  expect(await status('.isobar/key.pem?raw', 'GET')).toBe(403);
  expect(await status('weatherbench2/datasets/x', 'PUT')).toBe(405);
  await context.close();
});

test('the page reads WeatherBench 2 through the proxy', async ({ browser }) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const asked = new Promise<string>(resolve => {
    void context.route('**/*.zarr/**', route => {
      resolve(route.request().url());
      return route.abort();
    });
  });
  const page = await context.newPage();
  await page.goto(`${pageUrl}?preset=era5`);
  await page.getByTestId('train').click();
  expect(await asked).toMatch(`${pageUrl}weatherbench2/datasets/era5/`);
  await context.close();
});

test('the relay answers over wss', async () => {
  const sockets = [0, 1].map(() => new WebSocket(relayBeside(pageUrl), { rejectUnauthorized: false }));
  await Promise.all(sockets.map(socket => once(socket, 'open')));
  const [a, b] = sockets;
  b.send(JSON.stringify({ type: 'subscribe', topic: 't' }));
  b.ping();
  await once(b, 'pong');
  const arrival = once(b, 'message');
  a.send(JSON.stringify({ type: 'publish', topic: 't', message: 'hello' }));
  expect(JSON.parse(String((await arrival)[0]))).toEqual({ topic: 't', message: 'hello' });
  for (const socket of sockets) socket.close();
});

test('two browsers meet in a room over it, and one is missed when its page is closed', async ({
  browser,
}) => {
  const options = { kind: 'relay' as const, ...newRoom(), relayUrls: [relayBeside(pageUrl)] };
  const [hostPage, guestPage] = [await openPage(browser), await openPage(browser)];
  await join(hostPage, { ...options, role: 'host', name: 'Host' });
  await join(guestPage, { ...options, role: 'guest', name: 'Guest' });
  expect(await hostPage.evaluate(() => window.heard)).toEqual({ from: 'Guest', message: 'hello host' });
  await guestPage.close();
  expect(await hostPage.evaluate(() => window.missed)).toBeTypeOf('string');
});

declare global {
  interface Window {
    joinRoom: typeof joinRoom;
    heard: Promise<{ from: string; message: Json }>;
    missed: Promise<string>;
  }
}

async function openPage(browser: Browser): Promise<Page> {
  // A context of its own has no BroadcastChannel to the other one.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  // Any page of the server will do, and this one computes nothing.
  await page.goto(`${pageUrl}LICENSE`);
  expect(await page.evaluate(() => isSecureContext)).toBe(true);
  return page;
}

/** The host lets in whoever comes; the guest says hello when it is in. */
async function join(page: Page, options: RoomOptions): Promise<void> {
  // As text, since vitest rewrites an import in a function, and the page would not know what it became.
  await page.evaluate("import('/src/net/room.ts').then(({ joinRoom }) => { window.joinRoom = joinRoom; })");
  await page.evaluate(async text => {
    let hear: Window['heard'] extends Promise<infer Heard> ? (heard: Heard) => void : never;
    let miss: (reason: string) => void;
    window.heard = new Promise(resolve => {
      hear = resolve;
    });
    window.missed = new Promise(resolve => {
      miss = resolve;
    });
    const names = new Map<string, string>();
    const room = await window.joinRoom(JSON.parse(text), {
      onPeer: ({ id, name }) => {
        names.set(id, name);
        room.admit(id);
      },
      onAdmitted: hostId => room.send(hostId, 'hello host'),
      onMessage: (id, message) => hear({ from: names.get(id) ?? '', message }),
      onLeave: (_, reason) => miss(reason),
    });
  }, JSON.stringify(options));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
