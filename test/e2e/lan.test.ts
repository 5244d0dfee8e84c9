/** `npm start -- --lan` as the machines of a network meet it: the build and nothing else, at one address of HTTPS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { WebSocket } from 'ws';
import { lanHosts } from '../../scripts/certificate.mjs';
import { pageHeaders } from '../../scripts/page-headers.mjs';
import { relayBeside } from '../../src/crew/invite.ts';
import { openContext, test } from './fixture.ts';
import { joined, status } from './mesh-page.ts';

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
  const parameters = ['scripts/start.mjs', '--lan', '--port', `${port}`];
  server = spawn(process.execPath, parameters, { cwd: root });
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

/** As `fetch`, which would put the path in order before it is sent. */
async function ask(path: string, method = 'GET', name?: string) {
  const headers = name === undefined ? {} : { host: name };
  const sent = request({ host, port, path, method, headers, rejectUnauthorized: false, agent: false }).end();
  const [received] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: received.statusCode, headers: received.headers, body: await text(received) };
}

const sent = Object.fromEntries(
  Object.entries(pageHeaders).map(([name, value]) => [name.toLowerCase(), value]),
);

test('the page is the build, told of what is beside it, under its policy', async () => {
  const { headers, body } = await ask('/');
  expect(headers).toMatchObject({ ...sent, 'cache-control': 'no-cache' });
  expect(headers['content-security-policy']).not.toMatch(/unsafe-inline|(?<!wasm-)unsafe-eval/);
  expect(body).toContain('<meta name="isobar-relay"><meta name="isobar-store-proxy">');
  const script = /src="\.(\/assets\/index-[^"]+\.js)"/.exec(body)![1];
  expect((await ask(script)).headers).toMatchObject({
    ...sent,
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect(body).not.toContain('@vite');
});

test.each([
  '/package.json',
  '/scripts/relay.mjs',
  '/src/ui/main.ts',
  '/LICENSE',
  '/dist/index.html',
  '/.isobar/key.pem',
  '/.isobar/key.pem?raw',
  '/.sources',
  '/@vite/client',
  '/@fs/etc/passwd',
  '/node_modules/vite/package.json',
  '/../',
  '/../package.json',
  '/assets/../../package.json',
  '/%2e%2e/package.json',
  '/..%2f..%2fpackage.json',
  '/%252e%252e/package.json',
  '/..\\package.json',
  'https://localhost/package.json',
])('%s is not served', async path => {
  expect(await ask(path)).toMatchObject({ status: 404, headers: sent, body: 'Not found.\n' });
});

test('nobody can write, or leave the bucket through the proxy', async () => {
  expect((await ask('/', 'POST')).status).toBe(405);
  expect((await ask('/weatherbench2/datasets/x', 'PUT')).status).toBe(405);
  for (const path of ['../x', '%2e%2e/x', '..%2fx', '%252e%252e/x', '..\\x']) {
    expect(await ask(`/weatherbench2/${path}`), path).toMatchObject({ status: 400, headers: sent });
  }
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

test('pages of this server are offered its STUN and TURN servers, those of other sites are not', async () => {
  const turn = /STUN and TURN are on port (\d+)/.exec(printed)![1];
  const { headers, body } = await ask('/ice-servers');
  expect(headers).toMatchObject({ ...sent, 'cache-control': 'no-store' });
  const at = `${host.includes(':') ? `[${host}]` : host}:${turn}`;
  expect(JSON.parse(body)).toEqual([
    { urls: [`stun:${at}`] },
    {
      urls: [`turn:${at}`, `turn:${at}?transport=tcp`],
      username: expect.any(String),
      credential: expect.any(String),
    },
  ]);
  expect(await ask('/ice-servers', 'GET', 'other.example')).toMatchObject({ status: 403, body: '[]' });
});

test('pages of other sites are kept from the relay, and who serves it is told', async () => {
  const origin = 'https://other.example';
  const said = new Promise<void>(resolve => {
    server.stdout?.on('data', () => printed.includes(origin) && resolve());
  });
  const socket = new WebSocket(relayBeside(pageUrl), { rejectUnauthorized: false, origin });
  const [, answer] = await once(socket, 'unexpected-response');
  expect([answer.statusCode, await text(answer)]).toEqual([403, `This relay is not for pages of ${origin}.`]);
  await said;
  expect(printed).toContain(`If it is yours, start with --origin ${origin}.`);
});

test('two browsers meet in a room over it, and one is missed when its page is closed', async ({
  browser,
}) => {
  const [hostPage, guestPage] = [await openPage(browser), await openPage(browser)];
  await guestPage.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'userAgentData', { value: { platform: 'macOS' } });
  });
  const offers = [hostPage, guestPage].map(page => page.waitForResponse('**/ice-servers'));
  await hostPage.goto(`${pageUrl}?preset=tiny#/share`);
  expect(await hostPage.evaluate(() => isSecureContext && crossOriginIsolated)).toBe(true);
  await status(hostPage, 'ready');
  expect(await hostPage.getByTestId('local-network').textContent()).toBe('');
  await hostPage.getByTestId('invite').click();
  await hostPage.getByTestId('room-kind').selectOption('relay');
  await hostPage.getByTestId('open-room').click();
  const link = hostPage.getByTestId('invite-link');
  await link.waitFor();
  await guestPage.goto(await link.inputValue());
  await guestPage.getByText('macOS may ask').waitFor();
  await guestPage.getByTestId('join-name').fill('Ann');
  await guestPage.getByTestId('ask').click();
  await hostPage.getByTestId('asking').getByText('Ann').waitFor();
  await hostPage.getByTestId('admit').click();
  await joined(guestPage, 'admitted');
  const waiting = hostPage.getByTestId('unseated').filter({ hasText: 'Ann is here' });
  await waiting.waitFor();
  for (const offer of await Promise.all(offers)) expect(await offer.text()).toContain('"turn:');
  await guestPage.close();
  await waiting.waitFor({ state: 'detached' });
});

/** A context of its own has no BroadcastChannel to the other one. */
async function openPage(browser: Browser): Promise<Page> {
  return (await openContext(browser, { ignoreHTTPSErrors: true })).newPage();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
