// Whose pages may use the relay. A browser says on every WebSocket which page opened it, and no page can change that: so
// pages of other sites, which a user of this network has open as well, cannot reach the relay through that user's browser.
import { isIP } from 'node:net';

/**
 * Pages of the host that the request came to, and of the origins named. A request without an origin comes from no page
 * but from a program (a test, the terminal): it is let in, for whoever can reach the port with a program of their own
 * can claim any origin, so a refusal would keep out nobody.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers of the request
 * @param {{ names: readonly string[], origins: readonly string[] }} known `names` of this server's machine: a site that
 *   lets its own name point here is not of this host, though its pages say so
 */
export function mayUseRelay({ origin, host }, { names, origins }) {
  if (origin === undefined || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host && isNameOfThisMachine(page.hostname, names);
}

/**
 * @param {string} hostname
 * @param {readonly string[]} names
 */
const isNameOfThisMachine = (hostname, names) =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 ||
  names.includes(hostname);

/**
 * @param {string} host as a request names it, with a port or without
 * @param {readonly string[]} names of this machine, beside its addresses and localhost
 */
export const namesThisMachine = (host, names) =>
  URL.canParse(`http://${host}`) && isNameOfThisMachine(new URL(`http://${host}`).hostname, names);
