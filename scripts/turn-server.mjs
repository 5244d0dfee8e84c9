// STUN and TURN for `--lan`: coturn's turnserver, as a child of this process that ends with it.
//
// Browsers hide a page's address on the network behind a name that others ask for by multicast. Where a network lets no
// multicast through, the STUN half tells each page its address, so that it can tell the others; where a network keeps
// its machines apart, the TURN half passes on what they say to each other.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPath } from './find-browser.mjs';
import { stunAnswers } from './stun-question.mjs';
import { turnConfig } from './turn-config.mjs';
import { turnCredentials } from './turn-credentials.mjs';

/** @typedef {{ urls: string[], username?: string, credential?: string }} IceServer as `RTCPeerConnection` takes it */
/**
 * @typedef {{
 *   port: number,
 *   iceServers: (reachedAt: string) => IceServer[],
 *   close: () => Promise<void>,
 * }} TurnServer `iceServers` for a page that reached this machine at an address; none once turnserver has ended
 */

/** The port of both protocols. */
const firstPort = 3478;
/** Ports that are tried: coturn may be running already as a service of the system. */
const portsTried = 20;
/** Addresses that a page of this machine itself is told; browsers warn where there are many. */
const mostAddresses = 3;
/** How long turnserver may take until it answers. */
const startMs = 15_000;
/** Lines that are kept of what turnserver says, for who must find out why it ended. */
const linesKept = 12;
const guard = fileURLToPath(new URL('end-with-parent.mjs', import.meta.url));

/** @returns {string | undefined} path of turnserver */
export const findTurnServer = () => onPath(['turnserver']);

/**
 * Starts turnserver on addresses of this machine, and resolves when it answers.
 *
 * @param {{ program: string, addresses: readonly string[], onEnd?: (last: string) => void }} options `onEnd` is told
 *   what turnserver said last, where it ends though nobody closed it
 * @returns {Promise<TurnServer>}
 * @throws {Error} where it does not start, with what it said last
 */
export async function startTurnServer({ program, addresses: all, onEnd = () => {} }) {
  // One that has just come, or is about to go, cannot be listened on.
  const addresses = (await Promise.all(all.map(async one => ((await isFree(one, 0)) ? [one] : [])))).flat();
  if (addresses.length === 0) throw new Error(`none of ${all.join(', ')} can be listened on`);
  const port = await freePort(addresses);
  const secret = randomBytes(32).toString('hex');
  // Nobody else may read the secret, and it is gone from the disk as soon as turnserver has read it.
  const folder = mkdtempSync(join(tmpdir(), 'isobar-turn-'));
  const file = join(folder, 'turnserver.conf');
  writeFileSync(file, turnConfig({ addresses, port, secret, folder }), { mode: 0o600 });
  const child = spawn(process.execPath, [guard, program, '-c', file], { stdio: ['pipe', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const said = [];
  const keep = (/** @type {Buffer} */ text) => {
    said.push(...String(text).split('\n').filter(Boolean));
    said.splice(0, said.length - linesKept);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let isRunning = true;
  const starting = new AbortController();
  const timer = setTimeout(
    () => starting.abort(new Error(`turnserver has not answered on port ${port} in ${startMs / 1000} s`)),
    startMs,
  );
  const ended = once(child, 'exit').then(() => {
    isRunning = false;
    starting.abort(new Error('turnserver ended'));
  });
  try {
    await Promise.all(addresses.map(address => stunAnswers(address, port, starting.signal)));
  } catch (error) {
    child.stdin.destroy();
    const { message } = /** @type {Error} */ (error);
    throw new Error([`${message}. It said:`, ...said].join('\n  '));
  } finally {
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  }
  let isClosed = false;
  void ended.then(() => isClosed || onEnd(said.join('\n')));
  return {
    port,
    iceServers: reachedAt => (isRunning ? iceServers(reachedAt, addresses, port, secret) : []),
    async close() {
      isClosed = true;
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * A page is told the address at which it has reached this machine already, for that one it can reach. A page of this
 * machine itself needs those that others see.
 *
 * @param {string} reachedAt
 * @param {readonly string[]} addresses
 * @param {number} port
 * @param {string} secret
 * @returns {IceServer[]}
 */
function iceServers(reachedAt, addresses, port, secret) {
  const [first, ...others] = addresses.includes(reachedAt) ? [reachedAt] : addresses.slice(0, mostAddresses);
  const at = (/** @type {string} */ address) => `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  return [
    { urls: [first, ...others].map(address => `stun:${at(address)}`) },
    {
      // By TCP where UDP is blocked.
      urls: [`turn:${at(first)}`, `turn:${at(first)}?transport=tcp`],
      ...turnCredentials(secret),
    },
  ];
}

/**
 * @param {readonly string[]} addresses
 * @returns {Promise<number>} the first port that is free on all of them, for UDP and for TCP
 */
async function freePort(addresses) {
  for (let port = firstPort; port < firstPort + portsTried; port++) {
    const free = await Promise.all(addresses.map(address => isFree(address, port)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`ports ${firstPort} to ${firstPort + portsTried - 1} are all taken`);
}

/**
 * @param {string} address
 * @param {number} port
 */
async function isFree(address, port) {
  const datagrams = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
  const connections = createServer();
  try {
    await Promise.all([
      once(datagrams.bind(port, address), 'listening'),
      once(connections.listen({ port, host: address, ipv6Only: isIPv6(address) }), 'listening'),
    ]);
    return true;
  } catch {
    return false;
  } finally {
    datagrams.close();
    connections.close();
  }
}
