import { once } from 'node:events';

/** Where Vite's development server begins, too. */
const firstPort = 5173;
const lastPort = 65535;

/**
 * Listens on this port, or on the next one that is free.
 *
 * @param {import('node:http').Server} server
 * @param {{ port?: number, host?: string }} where without a host, on every address of this machine
 * @returns {Promise<number>} the port it is
 */
export async function listen(server, { port = firstPort, host }) {
  for (let tried = port; ; tried++) {
    try {
      await once(server.listen(tried, host), 'listening');
      return tried;
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== 'EADDRINUSE' || tried === lastPort) throw error;
    }
  }
}
