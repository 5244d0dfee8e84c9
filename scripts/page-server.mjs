// The server of the built page: its files, the bucket of WeatherBench 2, the relay for rooms and its STUN and TURN
// servers at one address, and nothing else.
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { serveBuild } from './built-files.mjs';
import { iceRoute } from './ice-route.mjs';
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
 *   page?: string,
 *   relay?: import('./relay.mjs').RelayOptions,
 *   turn?: import('./turn-server.mjs').TurnServer,
 * }} [options] HTTPS with a certificate, HTTP without; `headers` of every answer; `page`: where the build has
 *   another one than the main page
 * @returns {Promise<import('node:http').Server>} not yet listening
 */
export async function createPageServer(
  folder,
  { certificate, headers = pageHeaders, page: path, relay, turn } = {},
) {
  const page = await serveBuild(folder, { change: tellOfServices, page: path });
  const store = storeProxy();
  const ice = iceRoute(turn, relay);
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    ice(request, response, () => store(request, response, () => page(request, response)));
  };
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer);
  attachRelay(server, relay);
  refuseOtherUpgrades(server, relayPath);
  return server;
}
