/**
 * The pages that one page of a room is connected to, let in or not: every page to every other one, over WebRTC. A page
 * gives a sign of life each second, says goodbye when it leaves, and is taken for gone when nothing is heard from it.
 */
import type { Room as TrysteroRoom } from '@trystero-p2p/core';
import { type RoomMessage, readMessage } from './room-messages.ts';
import { joinRoomQuietly, type Strategy } from './strategy.ts';
import { onNoWay } from './way.ts';

const beatMs = 1000;
const goneMs = 4000;

interface PresenceOptions {
  readonly room: string;
  readonly secret: string;
  /** STUN and TURN servers; undefined: trystero's public STUN servers. */
  readonly iceServers?: readonly RTCIceServer[];
}

/** None of them is called after `leave`. */
interface PresenceHandlers {
  /** Another page is connected; nothing was heard from it yet. */
  onMeet(id: string): void;
  /** A message of a page that is connected, of the right shape. Signs of life and goodbyes are not passed on. */
  onMessage(id: string, message: RoomMessage): void;
  onGone(id: string, reason: string): void;
  /** Something a person may want to know. */
  onNotice(text: string): void;
}

interface ConnectedPage {
  readonly connection: RTCPeerConnection;
  /** When it was last heard, by `performance.now()`. */
  heardAt: number;
}

export class Presence {
  readonly #handlers: PresenceHandlers;
  readonly #strategy: Strategy;
  readonly #trystero: TrysteroRoom;
  readonly #send: (message: RoomMessage, id: string) => void;
  readonly #pages = new Map<string, ConnectedPage>();
  readonly #beat: ReturnType<typeof setInterval>;
  readonly #sayBye = () => {
    for (const id of this.#pages.keys()) this.#send({ type: 'bye' }, id);
  };
  #lastBeat = performance.now();
  #hasLeft = false;

  constructor(strategy: Strategy, { room, secret, iceServers }: PresenceOptions, handlers: PresenceHandlers) {
    this.#handlers = handlers;
    this.#strategy = strategy;
    const rtcConfig = iceServers === undefined ? undefined : { iceServers: [...iceServers] };
    const told = new Set<string>();
    const tellOnce = (of: string, text: string) => {
      if (this.#hasLeft || told.has(of)) return;
      told.add(of);
      handlers.onNotice(text);
    };
    const watch = (connection: RTCPeerConnection) =>
      onNoWay(connection, why => tellOnce(why, `A page of this room cannot be reached: ${why}.`));
    const config = { appId: 'isobar', password: secret, rtcConfig };
    this.#trystero = joinRoomQuietly(strategy.join, watch, config, room, {
      onJoinError: ({ peerId, error }) => {
        // Why no connection came about is told above.
        if (!error.includes('after exchanging SDP')) tellOnce(peerId, `A page could not join: ${error}.`);
      },
    });
    const action = this.#trystero.makeAction<RoomMessage>('room', {
      onMessage: (message, { peerId }) => this.#receive(peerId, message),
    });
    // A connection that breaks while a message is sent is reported by trystero as a peer that left.
    this.#send = (message, id) => void action.send(message, { target: id }).catch(() => {});
    this.#trystero.onPeerJoin = id => this.#meet(id);
    this.#trystero.onPeerLeave = id => this.drop(id, 'its page was closed, or its connection was lost');
    this.#beat = setInterval(() => this.#checkLife(), beatMs);
    addEventListener('pagehide', this.#sayBye);
  }

  /** The connection that signalling made; it is closed when the page is gone. */
  connection(id: string): RTCPeerConnection | undefined {
    return this.#pages.get(id)?.connection;
  }

  send(id: string, message: RoomMessage): void {
    this.#send(message, id);
  }

  /** Ends the connection to a page. */
  drop(id: string, reason: string): void {
    const page = this.#pages.get(id);
    if (this.#hasLeft || page === undefined) return;
    this.#pages.delete(id);
    page.connection.close();
    this.#handlers.onGone(id, reason);
  }

  /** Says goodbye and closes all connections. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#sayBye();
    this.#hasLeft = true;
    clearInterval(this.#beat);
    removeEventListener('pagehide', this.#sayBye);
    // First, since the others may close their connections at once, and trystero would connect anew while it leaves.
    this.#strategy.close();
    // Trystero waits a moment for what is on its way, and would keep idle connections for two minutes.
    await this.#trystero.leave();
    for (const { connection } of this.#pages.values()) connection.close();
    this.#pages.clear();
  }

  #meet(id: string): void {
    const connection = this.#trystero.getPeers()[id];
    if (this.#hasLeft || connection === undefined) return;
    this.drop(id, 'it connected anew');
    this.#pages.set(id, { connection, heardAt: performance.now() });
    this.#handlers.onMeet(id);
  }

  #receive(id: string, value: unknown): void {
    const page = this.#pages.get(id);
    if (this.#hasLeft || page === undefined) return;
    page.heardAt = performance.now();
    const message = readMessage(value);
    if (typeof message === 'string') this.drop(id, `it sent a malformed message (${message})`);
    else if (message.type === 'bye') this.drop(id, 'its page was closed or left the room');
    else if (message.type !== 'beat') this.#handlers.onMessage(id, message);
  }

  /** Sends a sign of life, and drops who has given none. Time in which this page itself stood still does not count. */
  #checkLife(): void {
    const now = performance.now();
    const stoodStill = Math.max(0, now - this.#lastBeat - 2 * beatMs);
    this.#lastBeat = now;
    for (const [id, page] of this.#pages) {
      page.heardAt += stoodStill;
      if (now - page.heardAt <= goneMs) this.#send({ type: 'beat' }, id);
      else this.drop(id, `nothing was heard from it for ${goneMs / 1000} s`);
    }
  }
}
