/** STUN and TURN of `--lan`: what turnserver is told, whom it serves, what pages are answered, and that it ends. */
import { execFile, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { lanHosts } from '../../../scripts/certificate.mjs';
import { iceRoute } from '../../../scripts/ice-route.mjs';
import { turnOf } from '../../../scripts/serving-place.mjs';
import { turnConfig } from '../../../scripts/turn-config.mjs';
import { credentialSeconds, turnCredentials } from '../../../scripts/turn-credentials.mjs';
import { findTurnServer, startTurnServer, type TurnServer } from '../../../scripts/turn-server.mjs';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('credentials name the second at which they end, and the page', () => {
  const now = Date.UTC(2026, 10, 28);
  const { username } = turnCredentials('secret', now);
  expect(username).toMatch(/^1795910400:[0-9a-f]{12}$/);
  expect(username).not.toBe(turnCredentials('secret', now).username);
});

test('turnserver listens on the addresses of the network only, and reaches nothing but itself', () => {
  const config = turnConfig({ addresses: ['192.0.2.7', 'fd00::7'], port: 3479, secret: 's', folder: '/f' });
  const values = (name: string) => [...config.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, v]) => v);
  expect(values('listening-ip')).toEqual(['192.0.2.7', 'fd00::7']);
  expect(values('listening-port')).toEqual(['3479']);
  expect(values('allowed-peer-ip')).toEqual(['192.0.2.7', 'fd00::7']);
  expect(values('denied-peer-ip')).toEqual([
    '0.0.0.0-255.255.255.255',
    '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]);
  expect(config.split('\n')).toEqual(
    expect.arrayContaining(['use-auth-secret', 'static-auth-secret=s', 'no-multicast-peers', 'no-tcp-relay']),
  );
});

describe('turnserver', () => {
  /** As a machine of the network sees this one. */
  const address = lanHosts().addresses.find(address => !address.includes(':')) ?? '127.0.0.1';
  const folder = mkdtempSync(join(tmpdir(), 'isobar-test-'));
  let turn: TurnServer;
  beforeAll(async () => {
    vi.stubEnv('TMPDIR', folder);
    turn = await startTurnServer({ program: program(), addresses: [address] });
  });
  afterAll(async () => {
    await turn.close();
    rmSync(folder, { recursive: true });
  });

  /** What coturn's own client is told that asks for a way to a peer. */
  async function ask(peer: string, { username, credential }: { username?: string; credential?: string }) {
    const parameters = ['-v', '-c', '-n', '0', '-e', peer, '-u', `${username}`, '-w', `${credential}`];
    const client = execFile('turnutils_uclient', [...parameters, '-p', `${turn.port}`, address], () => {});
    const said = Promise.all([text(client.stdout!), text(client.stderr!)]);
    await once(client, 'exit');
    return (await said).join();
  }
  const offered = () => turn.iceServers(address)[1];

  test.each(['127.0.0.1', '224.0.0.251', '198.51.100.9', '8.8.8.8'])(
    'gives nobody a way to %s',
    async peer => {
      expect(await ask(peer, offered())).toContain('403 (Forbidden IP)');
    },
  );

  test('gives who has credentials a way to its own relays', async () => {
    expect(await ask(address, offered())).toMatch(/channel bind sent\n.*\n.*success: 0x/);
  });

  test('serves nobody with a wrong password, or with credentials that have ended', async () => {
    const wrong = { ...offered(), credential: turnCredentials('another secret').credential };
    expect(await ask(address, wrong)).toContain('Cannot complete Allocation');
    vi.spyOn(Date, 'now').mockReturnValueOnce(Date.now() - (credentialSeconds + 60) * 1000);
    expect(await ask(address, offered())).toContain('Cannot complete Allocation');
  });

  test('leaves its secret nowhere on the disk once it runs', () => {
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes the next port where the first is taken', async () => {
    const second = await startTurnServer({ program: program(), addresses: [address] });
    expect(second.port).toBeGreaterThan(turn.port);
    await second.close();
    expect(second.iceServers(address)).toEqual([]);
    await bindable(address, second.port);
  });

  test('a page is told of it by the address at which it has reached the server', async () => {
    const { port } = turn;
    const [stun, relay] = turn.iceServers(address);
    expect(stun).toEqual({ urls: [`stun:${address}:${port}`] });
    expect(relay.urls).toEqual([`turn:${address}:${port}`, `turn:${address}:${port}?transport=tcp`]);
    // One on this machine, which others do not reach at 127.0.0.1.
    expect(turn.iceServers('127.0.0.1')[0]).toEqual(stun);
  });
});

test('turnserver ends with the server, though that is killed', async () => {
  const server = fork(fileURLToPath(new URL('turn-child.mjs', import.meta.url)), [program()]);
  const [port] = await once(server, 'message');
  await expect(bound('127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
  server.kill('SIGKILL');
  await bindable('127.0.0.1', port);
});

describe('the answer to pages', () => {
  const known = { names: ['teacher.local'], origins: ['https://isobar.example'] };
  const iceServers = (reachedAt: string) => [{ urls: [`stun:${reachedAt}`] }];
  const turn = { port: 3478, iceServers, close: async () => {} };

  async function answer(host: string, offers?: TurnServer, path = '/ice-servers') {
    const route = iceRoute(offers, known);
    const server = createServer((asked, response) => route(asked, response, () => response.end('next')));
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = { host, connection: 'close' };
    const [response] = await once(request({ port, host: '127.0.0.1', path, headers }).end(), 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  test.each(['127.0.0.1:5173', 'localhost:5173', '[::1]:5173', 'teacher.local', 'isobar.example'])(
    'is of the address that a page of %s has reached, and kept by nobody',
    async host => {
      expect(await answer(host, turn)).toMatchObject({
        status: 200,
        body: '[{"urls":["stun:127.0.0.1"]}]',
        headers: { 'cache-control': 'no-store', 'cross-origin-resource-policy': 'same-origin' },
      });
    },
  );

  test.each(['other.example', 'isobar.example.other.example', 'a b'])(
    'is nothing for a site of the name "%s" that lets it point here',
    async host => {
      expect(await answer(host, turn)).toMatchObject({ status: 403, body: '[]' });
    },
  );

  test('is the same over HTTP/2, which the development server speaks', async () => {
    const route = iceRoute(turn, known);
    const server = createHttp2Server((asked, response) => route(asked, response, () => {}));
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => client.close());
    expect(await text(client.request({ ':path': '/ice-servers' }))).toBe('[{"urls":["stun:127.0.0.1"]}]');
    expect(await text(client.request({ ':path': '/ice-servers', ':authority': 'other.example' }))).toBe('[]');
  });

  test('is empty where there are no servers, and only that of its own path', async () => {
    expect(await answer('localhost')).toMatchObject({ status: 200, body: '[]' });
    expect(await answer('localhost', turn, '/ice-servers/x')).toMatchObject({ body: 'next' });
  });
});

describe('what who serves is told', () => {
  const place = {
    port: undefined,
    host: undefined,
    certificate: { cert: '', key: '', fingerprint: '' },
    addresses: ['127.0.0.1'],
    names: [],
  };
  const only = 'browsers find each other only where the network lets multicast through';

  test('that coturn is missing, and how it is installed', async () => {
    vi.stubEnv('PATH', '');
    const log = vi.spyOn(console, 'log').mockReturnValue();
    expect(await turnOf(place)).toBeUndefined();
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(only));
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('sudo apt install coturn'));
  });

  test('why turnserver does not start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isobar-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'turnserver'), '#!/bin/sh\necho "no entropy"\nexit 3\n');
    chmodSync(join(folder, 'turnserver'), 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(await turnOf(place)).toBeUndefined();
    expect(error).toHaveBeenCalledExactlyOnceWith(
      `No STUN and TURN, so ${only}: turnserver ended. It said:\n  no entropy`,
    );
  });

  test('nothing without --lan', async () => {
    const log = vi.spyOn(console, 'log');
    expect(await turnOf({ ...place, certificate: undefined })).toBeUndefined();
    expect(log).not.toHaveBeenCalled();
  });
});

function program(): string {
  const found = findTurnServer();
  if (found === undefined)
    throw new Error('turnserver is not there: install coturn, which these tests are about.');
  return found;
}

async function bound(address: string, port: number): Promise<void> {
  const socket = createSocket('udp4');
  try {
    await once(socket.bind(port, address), 'listening');
  } finally {
    socket.close();
  }
}

/** Waits until nobody listens there any more. */
const bindable = (address: string, port: number) =>
  vi.waitFor(() => bound(address, port), { timeout: 30_000 });
