import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listen } from '../../../scripts/listen.mjs';

const servers: Server[] = [];
const server = () => {
  servers.push(createServer());
  return servers.at(-1)!;
};
afterEach(() => {
  for (const listening of servers.splice(0)) listening.close();
});

test('where a port is taken, the page is served at a later one', async () => {
  const first = server();
  const taken = await listen(first, { port: 20_000, host: '127.0.0.1' });
  expect((first.address() as AddressInfo).port).toBe(taken);
  expect(await listen(server(), { port: taken, host: '127.0.0.1' })).toBeGreaterThan(taken);
});

test('an address that this machine has not is refused as what it is', async () => {
  await expect(listen(server(), { port: 20_000, host: '192.0.2.99' })).rejects.toThrow('EADDRNOTAVAIL');
});
