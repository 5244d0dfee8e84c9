// Which STUN and TURN servers the page's own server has for it: asked by `src/net/offered-servers.ts` when a page joins
// a room. Where there are none, the answer is an empty list.
import { namesThisMachine } from './relay-origin.mjs';
import { pathOf } from './upgrade.mjs';

export const icePath = '/ice-servers';

/**
 * @param {import('./turn-server.mjs').TurnServer | undefined} turn
 * @param {{ names?: readonly string[], origins?: readonly string[] }} [known] as for the relay: a site that lets its own
 *   name point to this machine must not get credentials
 * @returns {(
 *   request: Pick<import('node:http').IncomingMessage, 'headers' | 'socket' | 'url'>,
 *   response: { statusCode: number, setHeader(name: string, value: string): unknown, end(body: string): unknown },
 *   next: () => void,
 * ) => void} answers its own path, and leaves the rest to `next`
 */
export const iceRoute =
  (turn, { names = [], origins = [] } = {}) =>
  (request, response, next) => {
    if (pathOf(request) !== icePath) return next();
    // Vite's development server speaks HTTP/2, in which the host has another name.
    const host = String(request.headers.host ?? request.headers[':authority'] ?? '');
    const isKnown = origins.some(origin => new URL(origin).host === host) || namesThisMachine(host, names);
    const reachedAt = request.socket.localAddress?.replace(/^::ffff:/, '') ?? '';
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.statusCode = isKnown ? 200 : 403;
    response.end(JSON.stringify((isKnown && turn?.iceServers(reachedAt)) || []));
  };
