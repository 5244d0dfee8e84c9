/**
 * Signalling over the relay of `scripts/relay.mjs`. Trystero brings a WebSocket helper, but it gives up after a few
 * failures; a run lasts for hours, and pages must be able to join when the relay is back.
 */
import { createTopicStrategy } from '@trystero-p2p/core';
import * as v from 'valibot';
import { announceEveryMs, type Strategy } from './strategy.ts';

/** What a page sends to the relay, as JSON. */
export type RelayRequest =
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly topic: string }
  | { readonly type: 'publish'; readonly topic: string; readonly message: string };

/** What the relay sends to the other subscribers of a topic. */
const deliverySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ topic: v.string(), message: v.string() }),
);

const firstRetryMs = 500;
const longestRetryMs = 30_000;

export function relayStrategy(url: string, onNotice: (text: string) => void): Strategy {
  const socket = new RelaySocket(url, onNotice);
  const join = createTopicStrategy<RelaySocket>({
    steadyAnnounceIntervalMs: announceEveryMs,
    // Trystero waits for this before it announces, so that the first announcement is not lost.
    init: () => socket.opened,
    subscribeTopic: (relay, topic, onMessage) => relay.subscribe(topic, text => void onMessage(topic, text)),
    publishTopic: (relay, topic, message) =>
      relay.send({
        type: 'publish',
        topic,
        message: typeof message === 'string' ? message : JSON.stringify(message),
      }),
  });
  return { join, close: () => socket.close() };
}

/** A WebSocket that comes back by itself, with growing delays, and subscribes again when it does. */
class RelaySocket {
  readonly opened: Promise<RelaySocket>;
  readonly #url: string;
  readonly #onNotice: (text: string) => void;
  readonly #listeners = new Map<string, (message: string) => void>();
  #socket!: WebSocket;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #resolveOpened: (socket: RelaySocket) => void = () => {};

  constructor(url: string, onNotice: (text: string) => void) {
    this.#url = url;
    this.#onNotice = onNotice;
    this.opened = new Promise(resolve => {
      this.#resolveOpened = resolve;
    });
    this.#connect();
  }

  subscribe(topic: string, listener: (message: string) => void): () => void {
    this.#listeners.set(topic, listener);
    this.send({ type: 'subscribe', topic });
    return () => {
      this.#listeners.delete(topic);
      this.send({ type: 'unsubscribe', topic });
    };
  }

  /** Without a connection nothing is sent: pages announce themselves again, and stale offers would only confuse. */
  send(request: RelayRequest): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#failures > 0) this.#onNotice('The relay is back.');
      this.#failures = 0;
      for (const topic of this.#listeners.keys()) this.send({ type: 'subscribe', topic });
      this.#resolveOpened(this);
    };
    socket.onmessage = ({ data }) => {
      const delivery = v.safeParse(deliverySchema, data);
      if (delivery.success) this.#listeners.get(delivery.output.topic)?.(delivery.output.message);
    };
    socket.onclose = () => {
      if (this.#closed) return;
      if (this.#failures === 0) {
        this.#onNotice(
          `The relay ${this.#url} does not answer; trying again. Connected peers are not affected.`,
        );
      }
      const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures);
      this.#failures += 1;
      // Up to a half more, so that the pages of a room do not all come back at one moment.
      this.#timer = setTimeout(() => this.#connect(), delayMs * (1 + Math.random() / 2));
    };
  }
}
