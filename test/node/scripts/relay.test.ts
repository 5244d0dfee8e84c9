import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { attachRelay, startRelay } from '../../../scripts/relay.mjs';

type Relay = Awaited<ReturnType<typeof startRelay>>;

const open: Relay[] = [];
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const relay of open.splice(0)) await relay.close();
});

async function relay(options?: Parameters<typeof startRelay>[0]): Promise<Relay> {
  const started = await startRelay(options);
  open.push(started);
  return started;
}

async function client(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

/** A client whose subscriptions are in effect: a ping is answered after all that was sent before it. */
async function subscriber(url: string, ...topics: string[]): Promise<WebSocket> {
  const socket = await client(url);
  for (const topic of topics) send(socket, { type: 'subscribe', topic });
  socket.ping();
  await once(socket, 'pong');
  return socket;
}

const send = (socket: WebSocket, request: unknown) => socket.send(JSON.stringify(request));
const received = async (socket: WebSocket) => JSON.parse(String((await once(socket, 'message'))[0]));
async function closed(socket: WebSocket): Promise<[number, string]> {
  const [code, reason] = await once(socket, 'close');
  return [code, String(reason)];
}

test('a message goes to all other subscribers of its topic, and to nobody else', async () => {
  const { url } = await relay();
  const [a, b, c, other] = [
    await subscriber(url, 'weather'),
    await subscriber(url, 'weather'),
    await subscriber(url, 'weather'),
    await subscriber(url, 'else'),
  ];
  const strays: unknown[] = [];
  for (const socket of [a, other]) socket.on('message', data => strays.push(String(data)));
  const arrivals = Promise.all([received(b), received(c)]);
  send(a, { type: 'publish', topic: 'weather', message: 'rain' });
  expect(await arrivals).toEqual([
    { topic: 'weather', message: 'rain' },
    { topic: 'weather', message: 'rain' },
  ]);
  // What follows on the same connections has overtaken nothing, so nothing is on its way to the others any more.
  const last = received(other);
  send(a, { type: 'publish', topic: 'else', message: 'last' });
  await last;
  expect(strays).toEqual([JSON.stringify({ topic: 'else', message: 'last' })]);
});

test('who unsubscribed hears no more, and nothing is kept for who comes later', async () => {
  const { url } = await relay();
  const a = await subscriber(url, 'weather');
  const b = await subscriber(url, 'weather', 'else');
  send(b, { type: 'unsubscribe', topic: 'weather' });
  b.ping();
  await once(b, 'pong');
  send(a, { type: 'publish', topic: 'weather', message: 'rain' });
  send(a, { type: 'publish', topic: 'else', message: 'first' });
  expect(await received(b)).toEqual({ topic: 'else', message: 'first' });
  const late = await subscriber(url, 'weather');
  send(a, { type: 'publish', topic: 'weather', message: 'snow' });
  expect(await received(late)).toEqual({ topic: 'weather', message: 'snow' });
});

test.for([
  ['a message of more than 64 KiB', { type: 'publish', topic: 't', message: 'x'.repeat(65 * 1024) }, 1009],
  ['nonsense', 'nonsense', 1008],
  ['a topic of 201 characters', { type: 'subscribe', topic: 'x'.repeat(201) }, 1008],
  ['a message that is no text', { type: 'publish', topic: 't', message: 7 }, 1008],
  ['null', null, 1008],
] as const)('%s ends the connection, and the others go on', async ([, request, code]) => {
  const { url } = await relay();
  const [a, b, bad] = [await subscriber(url, 't'), await subscriber(url, 't'), await client(url)];
  const end = closed(bad);
  send(bad, request);
  expect((await end)[0]).toBe(code);
  const arrival = received(b);
  send(a, { type: 'publish', topic: 't', message: 'still here' });
  expect(await arrival).toEqual({ topic: 't', message: 'still here' });
});

test('one client has at most 32 topics, and at most 400 messages at once', async () => {
  const { url } = await relay();
  const many = await client(url);
  const manyEnd = closed(many);
  for (let topic = 0; topic < 33; topic++) send(many, { type: 'subscribe', topic: `topic ${topic}` });
  expect(await manyEnd).toEqual([1008, 'more than 32 topics']);

  const fast = await client(url);
  const fastEnd = closed(fast);
  for (let message = 0; message < 2000; message++) send(fast, { type: 'publish', topic: 't', message: '' });
  expect(await fastEnd).toEqual([1008, 'too many messages']);
});

test('a client that answers no ping is cut off', async () => {
  const { url } = await relay({ pingMs: 30 });
  const dead = new WebSocket(url, { autoPong: false });
  sockets.push(dead);
  await once(dead, 'open');
  const alive = await client(url);
  await once(dead, 'close');
  expect(alive.readyState).toBe(WebSocket.OPEN);
});

/** The status of the answer to a request for a WebSocket; 101 where it is open. */
async function statusFor(
  url: string,
  headers: { origin?: string; host?: string },
): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode));
    socket.once('error', reject);
  });
}

const hostOf = (url: string) => new URL(url).host;

test('pages of the host that the relay is served from may use it, and programs, which say no origin', async () => {
  const { url } = await relay({ names: ['desk.local'] });
  for (const headers of [
    {},
    { origin: `http://${hostOf(url)}` },
    { origin: `https://${hostOf(url)}` },
    { origin: 'http://localhost:5173', host: 'localhost:5173' },
    { origin: 'https://[fd00::7]:5173', host: '[fd00::7]:5173' },
    { origin: 'https://desk.local', host: 'desk.local' },
  ]) {
    expect(await statusFor(url, headers), JSON.stringify(headers)).toBe(101);
  }
});

test('pages of other hosts are refused before there is a WebSocket, and who serves it hears of them', async () => {
  const refused: string[] = [];
  const { url } = await relay({ names: ['desk.local'], onRefused: origin => void refused.push(origin) });
  const others = [
    { origin: 'https://other.example' },
    { origin: `http://${hostOf(url)}.other.example` },
    { origin: `http://${hostOf(url)}@other.example` },
    // Another server on this machine.
    { origin: 'http://127.0.0.1:1' },
    // A frame in a sandbox, or a file.
    { origin: 'null' },
    // A site that lets its own name point to this machine.
    { origin: 'http://other.example:5173', host: 'other.example:5173' },
  ];
  for (const headers of others) expect(await statusFor(url, headers), headers.origin).toBe(403);
  expect(refused).toEqual(others.map(({ origin }) => origin));
});

test('pages of the very origins that are named may use it as well', async () => {
  const { url } = await relay({ origins: ['https://isobar.example'] });
  expect(await statusFor(url, { origin: 'https://isobar.example' })).toBe(101);
  for (const origin of ['http://isobar.example', 'https://isobar.example:8443', 'https://a.isobar.example']) {
    expect(await statusFor(url, { origin }), origin).toBe(403);
  }
});

test('no target of a request ends the server', async () => {
  const { url } = await relay();
  const { hostname, port } = new URL(url);
  for (const target of ['//', 'http://[', '/relay%', '*']) {
    const stream = connect(Number(port), hostname);
    stream.end(
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    await once(stream.resume(), 'close');
  }
  expect(await statusFor(url, {})).toBe(101);
});

test('beside a page, the relay takes its own path only', async () => {
  const server = createServer((_, response) => response.end('page'));
  const detach = attachRelay(server);
  server.on('upgrade', (request, stream) => {
    if (request.url === '/other') stream.end('HTTP/1.1 418 Teapot\r\n\r\n');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page');
  const socket = await client(`ws://127.0.0.1:${port}/relay?any`);
  const [error] = await once(new WebSocket(`ws://127.0.0.1:${port}/other`), 'error');
  expect(String(error)).toContain('418');
  const end = closed(socket);
  detach();
  await end;
  server.close();
});
