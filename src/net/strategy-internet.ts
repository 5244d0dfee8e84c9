/**
 * Signalling over Nostr relays (https://github.com/nostr-protocol/nips/blob/master/01.md). Trystero makes and signs the
 * events; the sockets are our own, since a room must outlive any time in which no relay answers, and say so.
 */
import { createTopicStrategy, genId, getRelays } from '@trystero-p2p/core';
import * as v from 'valibot';
import { openRelaySockets, type RelaySocket } from './relay-sockets.ts';
import type { Role } from './room-messages.ts';
import { inStar, type Strategy, type StrategyEvents, textOf } from './strategy.ts';

/** Public relays come and go: a room uses so many, the same on all pages. */
const publicRelays = 5;
/** They serve many others: a page announces itself less often than to a relay of its own. */
const announceEveryMs = 60_000;

/** The messages of a relay that matter here; beside them it sends notices and the end of what it stored. */
const messageSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.looseTuple([v.literal('EVENT'), v.string(), v.object({ content: v.string() })]),
    /** Whether it took an event, and why not. */
    v.looseTuple([v.literal('OK'), v.string(), v.boolean(), v.string()]),
    /** It ended a subscription, and why. */
    v.looseTuple([v.literal('CLOSED'), v.string(), v.string()]),
  ]),
);

interface Subscription {
  readonly socket: RelaySocket;
  readonly topic: string;
  readonly listener: (message: string) => void;
}

/**
 * @param nostr the package, which other rooms do not load
 * @param urls relays to use instead of public ones
 * @param star role of this page in a star
 */
export function internetStrategy(
  { createEvent, defaultRelayUrls, subscribe }: typeof import('@trystero-p2p/nostr'),
  urls: readonly string[] | undefined,
  { onRelays, onNotice }: StrategyEvents,
  star?: Role,
): Strategy {
  const subscriptions = new Map<string, Subscription>();
  const refusing = new Set<RelaySocket>();
  let sockets: readonly RelaySocket[] = [];

  function refused(socket: RelaySocket, reason: string): void {
    if (refusing.has(socket)) return;
    refusing.add(socket);
    onNotice(`The relay ${socket.url} refuses what this page sends: ${reason.slice(0, 200)}.`);
  }

  const handlers = {
    onOpen(socket: RelaySocket) {
      for (const [id, { socket: own, topic }] of subscriptions) {
        if (own === socket) socket.send(subscribe(id, topic));
      }
    },
    onText(socket: RelaySocket, text: string) {
      const message = v.safeParse(messageSchema, text);
      if (!message.success) return;
      const { output } = message;
      if (output[0] === 'EVENT') subscriptions.get(output[1])?.listener(output[2].content);
      else if (output[0] === 'CLOSED') refused(socket, output[2]);
      else if (!output[2]) refused(socket, output[3]);
    },
    onRelays,
  };
  const join = createTopicStrategy<RelaySocket>({
    steadyAnnounceIntervalMs: announceEveryMs,
    init(config) {
      sockets = openRelaySockets(urls ?? getRelays(config, defaultRelayUrls, publicRelays, true), handlers);
      return sockets.map(({ opened }) => opened);
    },
    ...inStar<RelaySocket>(star, {
      subscribeTopic(socket, topic, onMessage) {
        const id = genId(32);
        subscriptions.set(id, { socket, topic, listener: text => void onMessage(topic, text) });
        socket.send(subscribe(id, topic));
        return () => {
          subscriptions.delete(id);
          socket.send(JSON.stringify(['CLOSE', id]));
        };
      },
      publishTopic: async (socket, topic, message) => socket.send(await createEvent(topic, textOf(message))),
    }),
  });
  return {
    join,
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}
