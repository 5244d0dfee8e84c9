// Where the page is served: addresses, names and the certificate, and what the terminal says of them.
import { isIPv6 } from 'node:net';
import { lanCertificate, lanHosts } from './certificate.mjs';
import { findTurnServer, startTurnServer } from './turn-server.mjs';

/**
 * @typedef {{
 *   port: number | undefined,
 *   host: string | undefined,
 *   certificate: { cert: string, key: string, fingerprint: string } | undefined,
 *   addresses: readonly string[],
 *   names: readonly string[],
 * }} ServingPlace `host` as `listen` takes it: undefined for every address; `names` that this machine goes by
 */

/**
 * @param {import('./serve-options.mjs').ServeOptions} options
 * @param {string} folder of the certificate
 * @returns {Promise<ServingPlace>}
 */
export async function servingPlace({ port, host, lan }, folder) {
  const { addresses, names } = lanHosts();
  const everyHost = ['localhost', '127.0.0.1', '::1', ...addresses, ...names];
  return {
    port,
    host: lan ? undefined : (host ?? 'localhost'),
    certificate: lan ? await lanCertificate(folder, everyHost) : undefined,
    addresses,
    names: host === undefined ? names : [...names, host],
  };
}

/**
 * Prints where the page is.
 *
 * @param {ServingPlace} place
 * @param {number} port
 * @param {string} whatOthersRead what everybody on the network can read there
 */
export function announce({ host, certificate, addresses, names }, port, whatOthersRead) {
  console.log('\nIsobar is ready. Open it in Chrome, Edge, Safari or Firefox with WebGPU:');
  const url = (/** @type {string} */ name) =>
    `${certificate ? 'https' : 'http'}://${isIPv6(name) ? `[${name}]` : name}:${port}/`;
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  const here = everywhere ? ['localhost'] : [host].filter(isLoopback);
  const others = everywhere
    ? [...addresses.filter(address => host !== '0.0.0.0' || !isIPv6(address)), ...(certificate ? names : [])]
    : [host].filter(name => !isLoopback(name));
  for (const name of here) console.log(`  On this machine:   ${url(name)}`);
  for (const name of others) console.log(`  On this network:   ${url(name)}`);
  if (certificate === undefined) {
    if (others.length > 0) {
      console.log(
        '\nOther machines need HTTPS for WebGPU: use --lan, or put a proxy with a certificate in front, and name its address with --origin.',
      );
    }
    return;
  }
  console.log(`
The certificate was made on this machine, so each browser warns once. Accept it there:
  Chrome, Edge   Advanced, then "Continue to ... (unsafe)"
  Firefox        Advanced, then "Accept the Risk and Continue"
  Safari         Show Details, then "visit this website"
Who wants to be sure compares the certificate's SHA-256 fingerprint:
  ${certificate.fingerprint}
Everybody on this network can ${whatOthersRead}.`);
}

/**
 * STUN and TURN for a place on the network. Without them the page is served all the same, and what is missing is said.
 *
 * @param {ServingPlace} place
 * @returns {Promise<import('./turn-server.mjs').TurnServer | undefined>}
 */
export async function turnOf({ certificate, addresses }) {
  if (certificate === undefined || addresses.length === 0) return undefined;
  const without = 'browsers find each other only where the network lets multicast through';
  const program = findTurnServer();
  if (program === undefined) {
    console.log(
      `No STUN and TURN, since turnserver is not installed: ${without}. It comes with coturn (sudo apt install coturn, brew install coturn; on Windows in WSL).`,
    );
    return undefined;
  }
  try {
    const onEnd = (/** @type {string} */ said) =>
      console.error(`turnserver has ended, so from now on ${without}. It said:\n${said}`);
    const turn = await startTurnServer({ program, addresses, onEnd });
    console.log(
      `STUN and TURN are on port ${turn.port}, for networks that block multicast or keep their machines apart: let others reach it by UDP and TCP.`,
    );
    return turn;
  } catch (error) {
    console.error(`No STUN and TURN, so ${without}: ${/** @type {Error} */ (error).message}`);
    return undefined;
  }
}

/** @param {string} host */
const isLoopback = host => host === 'localhost' || host === '::1' || host.startsWith('127.');

/**
 * Tells who serves the page, once for each origin, that a page was refused by the relay: the page itself is not told why.
 *
 * @returns {(origin: string) => void}
 */
export function tellOfRefusals() {
  /** @type {Set<string>} */
  const told = new Set();
  return origin => {
    if (told.has(origin) || told.size >= mostTold) return;
    told.add(origin);
    console.log(`The relay refused a page of ${origin}. If it is yours, start with --origin ${origin}.`);
  };
}

/** Any page can make up names. */
const mostTold = 20;
