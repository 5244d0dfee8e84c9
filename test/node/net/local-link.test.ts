import { afterEach, expect, test } from 'vitest';
import { HEADER_BYTES } from '../../../src/net/frame.ts';
import type { LinkMessage } from '../../../src/net/link-port.ts';
import { connectLocal, type Emulation } from '../../../src/net/local-link.ts';
import { faultOf, messageOf } from './messages.ts';

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function connect(emulation?: Emulation): [MessagePort, MessagePort] {
  const ports = connectLocal(emulation);
  open.push(...ports);
  return ports;
}

function take(port: MessagePort, count: number): Promise<LinkMessage[]> {
  const messages: LinkMessage[] = [];
  return new Promise(resolve => {
    port.onmessage = ({ data }: MessageEvent<LinkMessage>) => {
      messages.push(data);
      if (messages.length === count) resolve(messages);
    };
  });
}

function faultIn(message: LinkMessage, bytes: number, seed: number): string | undefined {
  return message instanceof ArrayBuffer ? faultOf(message, bytes, seed) : `closed: ${message.reason}`;
}

test('messages move, they are not copied', async () => {
  const [a, b] = connect();
  const sent = messageOf(100);
  a.postMessage(sent, [sent]);
  expect(sent.byteLength).toBe(0);
  const [came] = await take(b, 1);
  expect(faultIn(came, 100, 1)).toBeUndefined();
});

test('an emulated link keeps order both ways, and is no faster than its definition', async () => {
  const emulation = { latencyMs: 25, megabytesPerSecond: 2.5 };
  const [a, b] = connect(emulation);
  const sizes = [40_000, 0, 7, 60_000];
  const messagesByPort = [a, b].map(port => ({
    port,
    messages: sizes.map((bytes, i) => messageOf(bytes, i)),
  }));
  const arrivals = [take(b, sizes.length), take(a, sizes.length)];
  const start = performance.now();
  for (const { port, messages } of messagesByPort) {
    for (const message of messages) port.postMessage(message, [message]);
  }
  const came = await Promise.all(arrivals);
  const ms = performance.now() - start;
  for (const messages of came) {
    expect(sizes.map((bytes, i) => faultIn(messages[i], bytes, i))).toEqual(sizes.map(() => undefined));
  }
  const bytes = sizes.reduce((sum, size) => sum + size + HEADER_BYTES, 0);
  const leastMs = emulation.latencyMs + bytes / 1000 / emulation.megabytesPerSecond;
  expect(ms).toBeGreaterThanOrEqual(leastMs);
});

test('the last word passes an emulated link behind the messages', async () => {
  const [a, b] = connect({ latencyMs: 1, megabytesPerSecond: 100 });
  const message = messageOf(1000);
  a.postMessage(message, [message]);
  a.postMessage({ type: 'closed', reason: 'gone' });
  const [first, last] = await take(b, 2);
  expect(faultIn(first, 1000, 1)).toBeUndefined();
  expect(last).toEqual({ type: 'closed', reason: 'gone' });
});
