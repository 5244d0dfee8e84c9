import { once } from 'node:events';
import { createServer } from 'node:http';
import { builtPage } from './build-page.mjs';
import { serveBuild } from './built-files.mjs';
import { isolationHeaders } from './page-headers.mjs';
import { root } from './setup.mjs';

/**
 * Serves one page as bundled for production on the loopback address, from memory: a command neither touches `dist`, nor
 * meets the development server's reloads, nor changes under way where sources do.
 *
 * @param {string} page path of its HTML file from the repository's root
 * @param {(
 *   request: import('node:http').IncomingMessage,
 *   response: import('node:http').ServerResponse,
 *   next: () => void,
 * ) => void} [route] answers what is no file of the build, and leaves the rest to `next`
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePage(page, route = (_request, _response, next) => next()) {
  const { folder } = await builtPage(root, page);
  const files = await serveBuild(folder, { page: `/${page}` });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(isolationHeaders)) response.setHeader(name, value);
    // On one machine to compress takes longer than it saves.
    delete request.headers['accept-encoding'];
    route(request, response, () => files(request, response));
  });
  // Port 0 lets the system choose a free one.
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/${page}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
