import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lanCertificate, lanHosts } from '../../../scripts/certificate.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-certificate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const hosts = ['localhost', '127.0.0.1', '::1', '192.0.2.7', 'desk.local'];

test('the certificate is for all hosts, and a TLS client that trusts it agrees', async () => {
  const { cert, key, fingerprint } = await lanCertificate(folder, hosts);
  const certificate = new X509Certificate(cert);
  expect(certificate.fingerprint256).toBe(fingerprint);
  expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
  expect(certificate.checkIP('192.0.2.8')).toBeUndefined();
  expect(certificate.checkHost('desk.local')).toBe('desk.local');

  const server = createServer({ cert, key });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const servername of ['localhost', 'desk.local']) {
    const client = connect({ port, host: '127.0.0.1', servername, ca: cert });
    await new Promise((resolve, reject) => client.once('secureConnect', resolve).once('error', reject));
    client.destroy();
  }
  server.close();
});

test('it is kept for later starts, until a host is missing in it', async () => {
  const first = await lanCertificate(folder, hosts);
  expect((await lanCertificate(folder, hosts.slice(1))).fingerprint).toBe(first.fingerprint);
  const grown = await lanCertificate(folder, [...hosts, '192.0.2.8']);
  expect(grown.fingerprint).not.toBe(first.fingerprint);
  expect(new X509Certificate(grown.cert).checkIP('192.0.2.8')).toBe('192.0.2.8');
});

test('nobody else may read the key, where the system has such rights', async () => {
  await lanCertificate(folder, hosts);
  expect(statSync(join(folder, 'key.pem')).mode & 0o077).toBe(process.platform === 'win32' ? 0o066 : 0);
});

test('names of this machine come with .local, addresses without those of one link', () => {
  const { addresses, names } = lanHosts();
  expect(names.length).toBeGreaterThan(0);
  expect(addresses.filter(address => address.startsWith('fe80') || address === '127.0.0.1')).toEqual([]);
});
