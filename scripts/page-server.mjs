// The server of the built page: its files, the bucket of WeatherBench 2 and the relay for rooms at one address, and
// nothing else.
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { serveBuild } from './built-files.mjs';
import { pageHeaders } from './page-headers.mjs';
import { attachRelay, relayPath } from './relay.mjs';
import { tellOfServices } from './services.mjs';
import { storeProxy } from './store-proxy.mjs';
import { refuseOtherUpgrades } from './upgrade.mjs';

/**
 * @param {string} folder of the build
 * @param {{
 *   certificate?: { cert: string, key: string },
 *   headers?: Readonly<Record<string, string>>,
 *   relay?: import('./relay.mjs').RelayOptions,
 * }} [options] HTTPS with a certificate, HTTP without; `headers` of every answer
 * @returns {Promise<import('node:http').Server>} not yet listening
 */
export async function createPageServer(folder, { certificate, headers = pageHeaders, relay } = {}) {
  const page = await serveBuild(folder, { change: tellOfServices });
  const store = storeProxy();
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    store(request, response, () => page(request, response));
  };
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer);
  attachRelay(server, relay);
  refuseOtherUpgrades(server, relayPath);
  return server;
}
