// A relay for pages that look for each other: a page subscribes to topics, and what it publishes on a topic goes to the
// topic's other subscribers. Nothing is stored. Trystero's announcements name a page's random id in clear text; offers
// and answers are encrypted with the secret of the room, which is never sent here; topics are hashes.
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { mayUseRelay } from './relay-origin.mjs';
import { pathOf, refuseOtherUpgrades, refuseUpgrade } from './upgrade.mjs';

export const relayPath = '/relay';

const limits = {
  /** Bytes of one message. */
  message: 64 * 1024,
  clients: 256,
  topicsPerClient: 32,
  topicLength: 200,
  /** Messages of one client: so many at once, and so many a second after that. */
  burst: 400,
  perSecond: 100,
  /** Bytes that wait for one slow client. */
  waiting: 1024 * 1024,
};

/** A client that answers no ping until the next one is taken for dead. */
const pingEveryMs = 15_000;

/** Close codes of RFC 6455: a message that breaks the rules, and one who may come back later. */
const policyViolation = 1008;
const tryLater = 1013;

/** @typedef {{ topics: Set<string>, tokens: number, filledAt: number, alive: boolean }} Client */
/** @typedef {{ type: 'subscribe' | 'unsubscribe' | 'publish', topic: string, message?: string }} Request */

/**
 * @typedef {{
 *   pingMs?: number,
 *   names?: readonly string[],
 *   origins?: readonly string[],
 *   onRefused?: (origin: string) => void,
 * }} RelayOptions `names` of this machine, beside its addresses and localhost, and `origins` whose pages may use the
 *   relay though they are served elsewhere
 */

/**
 * Serves the relay on `/relay` of an HTTP or HTTPS server, and leaves all its other requests alone. Pages of other hosts
 * are refused with 403.
 *
 * @param {import('node:http').Server | import('node:https').Server | import('vite').HttpServer} server
 * @param {RelayOptions} [options]
 * @returns {() => void} ends the relay and all its connections; the server stays
 */
export function attachRelay(
  server,
  { pingMs = pingEveryMs, names = [], origins = [], onRefused = () => {} } = {},
) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.message });
  /** @type {Map<WebSocket, Client>} */
  const clients = new Map();
  /** @type {Map<string, Set<WebSocket>>} */
  const topics = new Map();

  sockets.on('connection', socket => {
    // ws closes a connection that breaks the protocol or the size of a message; without a listener the process ends.
    socket.on('error', () => {});
    if (clients.size >= limits.clients) {
      socket.close(tryLater, `this relay serves at most ${limits.clients} pages`);
      return;
    }
    const client = { topics: new Set(), tokens: limits.burst, filledAt: performance.now(), alive: true };
    clients.set(socket, client);
    socket.on('pong', () => {
      client.alive = true;
    });
    socket.on('message', (data, isBinary) => {
      const wrong = isBinary ? 'messages are text' : serve(socket, client, String(data));
      if (wrong !== undefined) socket.close(policyViolation, wrong);
    });
    socket.on('close', () => {
      for (const topic of client.topics) unsubscribe(socket, client, topic);
      clients.delete(socket);
    });
  });

  /**
   * @param {WebSocket} socket
   * @param {Client} client
   * @param {string} text
   * @returns {string | undefined} what was wrong
   */
  function serve(socket, client, text) {
    if (!takeToken(client)) return 'too many messages';
    const request = readRequest(text);
    if (request === undefined) return 'malformed request';
    const { type, topic, message } = request;
    if (type === 'publish') {
      const delivery = JSON.stringify({ topic, message });
      for (const other of topics.get(topic) ?? []) if (other !== socket) deliver(other, delivery);
    } else if (type === 'unsubscribe') {
      unsubscribe(socket, client, topic);
    } else {
      if (client.topics.size >= limits.topicsPerClient) return `more than ${limits.topicsPerClient} topics`;
      client.topics.add(topic);
      const subscribers = topics.get(topic) ?? new Set();
      topics.set(topic, subscribers.add(socket));
    }
    return undefined;
  }

  /**
   * @param {WebSocket} socket
   * @param {Client} client
   * @param {string} topic
   */
  function unsubscribe(socket, client, topic) {
    client.topics.delete(topic);
    topics.get(topic)?.delete(socket);
    if (topics.get(topic)?.size === 0) topics.delete(topic);
  }

  const ping = setInterval(() => {
    for (const [socket, client] of clients) {
      if (!client.alive) socket.terminate();
      client.alive = false;
      socket.ping();
    }
  }, pingMs);
  ping.unref();

  /** @type {(...parameters: [import('node:http').IncomingMessage, import('node:stream').Duplex, Buffer]) => void} */
  const upgrade = (request, stream, head) => {
    if (pathOf(request) !== relayPath) return;
    if (!mayUseRelay(request.headers, { names, origins })) {
      const { origin = '' } = request.headers;
      onRefused(origin);
      refuseUpgrade(stream, '403 Forbidden', `This relay is not for pages of ${origin}.`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, socket => sockets.emit('connection', socket, request));
  };
  server.on('upgrade', upgrade);
  return () => {
    clearInterval(ping);
    server.off('upgrade', upgrade);
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

/**
 * A relay on a server of its own, for tests and the terminal.
 *
 * @param {RelayOptions & { port?: number, host?: string }} [options] port 0 lets the system choose a free one
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startRelay({ port = 0, host = '127.0.0.1', ...options } = {}) {
  const server = createServer((_, response) => response.writeHead(404).end());
  const detach = attachRelay(server, options);
  refuseOtherUpgrades(server, relayPath);
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `ws://${host}:${address.port}${relayPath}`,
    close: () => {
      detach();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

/** @param {Client} client */
function takeToken(client) {
  const now = performance.now();
  const refill = ((now - client.filledAt) / 1000) * limits.perSecond;
  client.tokens = Math.min(limits.burst, client.tokens + refill) - 1;
  client.filledAt = now;
  return client.tokens >= 0;
}

/**
 * @param {string} text
 * @returns {Request | undefined}
 */
function readRequest(text) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { type, topic, message } = /** @type {Partial<Request>} */ (value ?? {});
  if (typeof topic !== 'string' || topic.length === 0 || topic.length > limits.topicLength) return undefined;
  if (type === 'subscribe' || type === 'unsubscribe') return { type, topic };
  return type === 'publish' && typeof message === 'string' ? { type, topic, message } : undefined;
}

/**
 * @param {WebSocket} socket
 * @param {string} text
 */
function deliver(socket, text) {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > limits.waiting) socket.terminate();
  else socket.send(text);
}
