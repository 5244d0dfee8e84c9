// The certificate of `npm start -- --lan`: signed by nobody but itself, for every name and address of this machine.
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { generate } from 'selfsigned';

const validDays = 365;
const dayMs = 24 * 3600 * 1000;

/**
 * Where other machines of the network may find this one. Addresses of IPv6 that are valid on one link only are left
 * out, since a browser cannot open them.
 *
 * @returns {{ addresses: string[], names: string[] }}
 */
export function lanHosts() {
  const addresses = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    .map(({ address }) => address);
  // Multicast DNS, which most systems speak, knows a machine by its name with ".local".
  const name = hostname().toLowerCase();
  return { addresses, names: name.includes('.') ? [name] : [name, `${name}.local`] };
}

/**
 * Reads the certificate of an earlier start, so that who accepted it once need not do so again, or makes one where there
 * is none, where it ends soon, or where it misses a present name or address.
 *
 * @param {string} folder made where it is missing; nobody else may read the key in it
 * @param {readonly string[]} hosts names and addresses
 * @returns {Promise<{ cert: string, key: string, fingerprint: string }>} texts in PEM; the fingerprint is SHA-256
 */
export async function lanCertificate(folder, hosts) {
  // The development server, which serves this folder's sources, serves no file of this ending wherever it lies.
  const [certFile, keyFile] = [`${folder}/certificate.pem`, `${folder}/key.pem`];
  if (!isUsable(certFile, keyFile, hosts)) {
    const pems = await generate([{ name: 'commonName', value: 'Isobar on this network' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      // An hour back, for machines whose clock is behind.
      notBeforeDate: new Date(Date.now() - dayMs / 24),
      notAfterDate: new Date(Date.now() + validDays * dayMs),
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: hosts.map(host => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host })),
        },
      ],
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(keyFile, pems.private, { mode: 0o600 });
    writeFileSync(certFile, pems.cert);
  }
  const cert = readFileSync(certFile, 'utf8');
  return {
    cert,
    key: readFileSync(keyFile, 'utf8'),
    fingerprint: new X509Certificate(cert).fingerprint256,
  };
}

/**
 * @param {string} certFile
 * @param {string} keyFile
 * @param {readonly string[]} hosts
 */
function isUsable(certFile, keyFile, hosts) {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false;
  const certificate = new X509Certificate(readFileSync(certFile));
  if (new Date(certificate.validTo).getTime() < Date.now() + 7 * dayMs) return false;
  return hosts.every(host =>
    isIP(host) === 0 ? certificate.checkHost(host) !== undefined : certificate.checkIP(host) !== undefined,
  );
}
