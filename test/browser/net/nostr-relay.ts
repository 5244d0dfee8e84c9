/**
 * A Nostr relay for tests, as far as rooms need one (https://github.com/nostr-protocol/nips/blob/master/01.md): EVENT,
 * REQ and CLOSE, with filters by kind, time and the tag "x". It keeps no events, since those of rooms are of ephemeral
 * kinds, and checks their ids but not their signatures.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

interface NostrEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
}

interface Filter {
  readonly kinds?: readonly number[];
  readonly since?: number;
  readonly '#x'?: readonly string[];
}

export interface NostrRelay {
  readonly url: string;
  /** The contents of all events so far: what the relay gets to see. */
  readonly contents: readonly string[];
  close(): Promise<void>;
}

/**
 * @param port 0 lets the system choose
 * @param refusal why no event is taken; absent: all are
 */
export async function startNostrRelay(port = 0, refusal?: string): Promise<NostrRelay> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  const subscriptions = new Map<WebSocket, Map<string, readonly Filter[]>>();
  const contents: string[] = [];

  function takeEvent(socket: WebSocket, event: NostrEvent): void {
    const reason = refusal ?? faultOf(event);
    send(socket, ['OK', event.id, reason === undefined, reason ?? '']);
    if (reason !== undefined) return;
    contents.push(event.content);
    for (const [other, own] of subscriptions) {
      for (const [id, filters] of own) {
        if (filters.some(filter => matches(event, filter))) send(other, ['EVENT', id, event]);
      }
    }
  }

  server.on('connection', socket => {
    const own = new Map<string, readonly Filter[]>();
    subscriptions.set(socket, own);
    socket.on('close', () => subscriptions.delete(socket));
    socket.on('message', data => {
      const [type, first, ...filters] = JSON.parse(String(data));
      if (type === 'EVENT') takeEvent(socket, first);
      else if (type === 'CLOSE') own.delete(first);
      else if (type === 'REQ') {
        own.set(first, filters);
        send(socket, ['EOSE', first]);
      } else send(socket, ['NOTICE', `unknown message ${type}`]);
    });
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    contents,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function faultOf({ id, pubkey, created_at, kind, tags, content }: NostrEvent): string | undefined {
  const text = JSON.stringify([0, pubkey, created_at, kind, tags, content]);
  if (createHash('sha256').update(text).digest('hex') !== id) return 'invalid: event id does not match';
  return kind >= 20_000 && kind < 30_000 ? undefined : 'blocked: this relay stores nothing';
}

function matches({ kind, created_at, tags }: NostrEvent, filter: Filter): boolean {
  const { kinds, since, '#x': topics } = filter;
  if (kinds?.includes(kind) === false || (since !== undefined && created_at < since)) return false;
  return topics === undefined || tags.some(([name, value]) => name === 'x' && topics.includes(value));
}

function send(socket: WebSocket, message: readonly unknown[]): void {
  socket.send(JSON.stringify(message));
}
