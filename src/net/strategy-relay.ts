/** Signalling over the relay of `scripts/relay.mjs`. */
import { createTopicStrategy } from '@trystero-p2p/core';
import * as v from 'valibot';
import { openRelaySockets, type RelayListener, type RelaySocket } from './relay-sockets.ts';
import type { Role } from './room-messages.ts';
import { announceEveryMs, inStar, type Strategy, textOf } from './strategy.ts';

/** What a page sends to the relay, as JSON. */
type RelayRequest =
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly topic: string }
  | { readonly type: 'publish'; readonly topic: string; readonly message: string };

/** What the relay sends to the other subscribers of a topic. */
const deliverySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ topic: v.string(), message: v.string() }),
);

/** @param star role of this page in a star */
export function relayStrategy(url: string, onRelays: RelayListener, star?: Role): Strategy {
  const listeners = new Map<string, (message: string) => void>();
  const send = (socket: RelaySocket, request: RelayRequest) => socket.send(JSON.stringify(request));
  const [relay] = openRelaySockets([url], {
    onOpen(socket) {
      for (const topic of listeners.keys()) send(socket, { type: 'subscribe', topic });
    },
    onText(_, text) {
      const delivery = v.safeParse(deliverySchema, text);
      if (delivery.success) listeners.get(delivery.output.topic)?.(delivery.output.message);
    },
    onRelays,
  });
  const join = createTopicStrategy<RelaySocket>({
    steadyAnnounceIntervalMs: announceEveryMs,
    // Trystero waits for this before it announces, so that the first announcement is not lost.
    init: () => relay.opened,
    ...inStar<RelaySocket>(star, {
      subscribeTopic(socket, topic, onMessage) {
        listeners.set(topic, text => void onMessage(topic, text));
        send(socket, { type: 'subscribe', topic });
        return () => {
          listeners.delete(topic);
          send(socket, { type: 'unsubscribe', topic });
        };
      },
      publishTopic: (socket, topic, message) =>
        send(socket, { type: 'publish', topic, message: textOf(message) }),
    }),
  });
  return { join, close: () => relay.close() };
}
