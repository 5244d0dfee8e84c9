/**
 * A room: the pages that work on one run, and what they say to each other before and beside the bulk data.
 *
 * Whoever has the room's secret can connect; whom the host lets in takes part. Every page connects to every other one,
 * sends a `hello`, and then a sign of life each second. The host sees every guest that asks, and answers with the roster
 * of those it let in or with a refusal. A guest deals with the host, and with the guests on the host's roster: without a
 * host there is no roster, so then it deals with nobody.
 *
 * The relay is needed only to meet: once connected, pages talk over WebRTC.
 */
import { selfId, type Room as TrysteroRoom } from '@trystero-p2p/core';
import {
  givesWay,
  type Hello,
  type Json,
  longestAbout,
  longestMessage,
  mostGuests,
  type Role,
  type RoomMessage,
  readMessage,
} from './room-messages.ts';
import { joinRoomQuietly, type Strategy } from './strategy.ts';
import { openStrategy, type RoomKind } from './strategy-choice.ts';

export type { Json, Role, RoomKind };

const beatMs = 1000;
const goneMs = 4000;
const hostAnswersMs = 10_000;
/** Messages kept for a peer that may talk but is not on our roster yet: its copy of the roster came first. */
const mostHeld = 64;

export interface RoomOptions {
  readonly kind: RoomKind;
  readonly room: string;
  /** At least 128 bits of chance, from the link's fragment: see `invite.ts`. */
  readonly secret: string;
  readonly role: Role;
  /** 1 to 80 characters, for people. */
  readonly name: string;
  /** What the page tells about itself: its adapter, its speed, its memory. At most 16 KiB as JSON. */
  readonly about?: Json;
  /** `ws:` or `wss:` address of the relay, for a room of kind `relay`. */
  readonly relayUrl?: string;
  /** STUN and TURN servers. None by default, except for `internet`, where trystero's public STUN servers serve. */
  readonly iceServers?: readonly RTCIceServer[];
}

export interface Peer {
  readonly id: string;
  readonly role: Role;
  readonly name: string;
  readonly about: Json;
}

export interface RoomHandlers {
  /**
   * A peer is there: for the host, a guest that asks to take part; for a guest, its host, or another guest that was let
   * in. Called again when the peer tells something new about itself.
   */
  onPeer?(peer: Peer): void;
  /** A peer for which `onPeer` was called is gone. */
  onLeave?(id: string, reason: string): void;
  onMessage?(id: string, message: Json): void;
  /** Guest: the host let this page in. */
  onAdmitted?(hostId: string): void;
  /** This page may not take part (the room is left already): the host refused it, or the room had a host before. */
  onRefused?(reason: string): void;
  /** Something a person may want to know; the room goes on. */
  onNotice?(text: string): void;
}

/** Another page that is connected to this one. */
interface Contact {
  readonly connection: RTCPeerConnection;
  /** When it was last heard, by `performance.now()`. */
  heardAt: number;
  /** This page's first hello to it. */
  readonly said: Hello;
  hello?: Hello;
  /** Whether `onPeer` was called for it. */
  shown: boolean;
  readonly held: Json[];
}

/** @throws Error for a relay room without `relayUrl`, or where the package for internet rooms cannot be loaded. */
export async function joinRoom(options: RoomOptions, handlers: RoomHandlers): Promise<Room> {
  const onNotice = (text: string) => handlers.onNotice?.(text);
  const strategy = await openStrategy(options.kind, options.room, options.relayUrl, onNotice);
  return new Room(options, handlers, strategy);
}

export class Room {
  /** This page's id. It is one per page, so a page can be in a room only once. */
  readonly selfId = selfId;
  readonly #options: RoomOptions;
  readonly #handlers: RoomHandlers;
  readonly #strategy: Strategy;
  readonly #trystero: TrysteroRoom;
  readonly #send: (message: RoomMessage, id: string) => void;
  readonly #contacts = new Map<string, Contact>();
  /** Host: whom it let in. Guest: its host's roster. */
  readonly #roster = new Set<string>();
  readonly #startedAt = Date.now();
  readonly #beat: ReturnType<typeof setInterval>;
  readonly #noHost: ReturnType<typeof setTimeout> | undefined;
  readonly #sayBye = () => this.#tellAll({ type: 'bye' });
  #lastBeat = performance.now();
  #about: Json;
  #hostId: string | undefined;
  #left = false;

  constructor(options: RoomOptions, handlers: RoomHandlers, strategy: Strategy) {
    this.#options = options;
    this.#handlers = handlers;
    this.#strategy = strategy;
    this.#about = checkSize(options.about ?? null, longestAbout, 'What a page tells about itself');
    const iceServers = options.iceServers ?? (options.kind === 'internet' ? undefined : []);
    const rtcConfig = iceServers === undefined ? undefined : { iceServers: [...iceServers] };
    const told = new Set<string>();
    const config = { appId: 'isobar', password: options.secret, rtcConfig };
    this.#trystero = joinRoomQuietly(strategy.join, config, options.room, {
      onJoinError: ({ peerId, error }) => {
        if (told.has(peerId)) return;
        told.add(peerId);
        handlers.onNotice?.(`A page could not join: ${error}.`);
      },
    });
    const action = this.#trystero.makeAction<RoomMessage>('room', {
      onMessage: (message, { peerId }) => this.#receive(peerId, message),
    });
    // A connection that breaks while a message is sent is reported by trystero as a peer that left.
    this.#send = (message, id) => void action.send(message, { target: id }).catch(() => {});
    this.#trystero.onPeerJoin = id => this.#meet(id);
    this.#trystero.onPeerLeave = id => this.#drop(id, 'its page was closed, or its connection was lost');
    this.#beat = setInterval(() => this.#checkLife(), beatMs);
    if (options.role === 'guest') {
      this.#noHost = setTimeout(() => {
        const text = 'No host has answered yet. Is its page open, and is the link whole?';
        if (this.#hostId === undefined) handlers.onNotice?.(text);
      }, hostAnswersMs);
    }
    addEventListener('pagehide', this.#sayBye);
  }

  /** Host: all guests, also those that ask. Guest: its host and the guests that were let in. */
  peers(): Peer[] {
    return [...this.#contacts].filter(([, { shown }]) => shown).map(([id, { hello }]) => asPeer(id, hello!));
  }

  /** Whether the host has let the peer in, as far as this page knows. A guest asks so about itself, too. */
  isAdmitted(id: string): boolean {
    return this.#roster.has(id);
  }

  /** The connection that signalling made, on which further channels can be negotiated. It is closed with the peer. */
  connection(id: string): RTCPeerConnection | undefined {
    return this.#contacts.get(id)?.connection;
  }

  /**
   * Sends a small message to a peer that takes part: in order, and without loss while the peer stays.
   *
   * @returns false where there is no such peer (any more)
   * @throws Error for more than 60 KiB of JSON
   */
  send(id: string, message: Json): boolean {
    checkSize(message, longestMessage, 'A message to a peer');
    if (!this.#takesPart(id)) return false;
    this.#send({ type: 'data', body: message }, id);
    return true;
  }

  /** Tells all peers something new about this page. */
  describe(about: Json): void {
    this.#about = checkSize(about, longestAbout, 'What a page tells about itself');
    this.#tellAll(this.#hello());
  }

  /** Host: lets a guest in. */
  admit(id: string): void {
    if (this.#options.role !== 'host' || this.#contacts.get(id)?.hello?.role !== 'guest') return;
    if (this.#roster.size === mostGuests) {
      this.refuse(id, `the room is full (${mostGuests} guests)`);
      return;
    }
    this.#roster.add(id);
    this.#tellRoster();
    this.#refresh();
  }

  /** Host: turns a guest away, also one that was let in before. */
  refuse(id: string, reason: string): void {
    if (this.#options.role !== 'host') return;
    this.#send({ type: 'refuse', reason: reason.slice(0, 500) }, id);
    if (this.#roster.delete(id)) this.#tellRoster();
  }

  /** Says goodbye and closes all connections. */
  async leave(): Promise<void> {
    if (this.#left) return;
    this.#sayBye();
    this.#left = true;
    clearInterval(this.#beat);
    clearTimeout(this.#noHost);
    removeEventListener('pagehide', this.#sayBye);
    // First, since the others may close their connections at once, and trystero would connect anew while it leaves.
    this.#strategy.close();
    // Trystero waits a moment for what is on its way, and would keep idle connections for two minutes.
    await this.#trystero.leave();
    for (const { connection } of this.#contacts.values()) connection.close();
    this.#contacts.clear();
  }

  #hello(): Hello {
    const { role, name } = this.#options;
    const guests = role === 'host' ? this.#roster.size : 0;
    return { type: 'hello', role, name, about: this.#about, startedAt: this.#startedAt, guests };
  }

  #meet(id: string): void {
    const connection = this.#trystero.getPeers()[id];
    if (this.#left || connection === undefined) return;
    this.#drop(id, 'it connected anew');
    const said = this.#hello();
    this.#contacts.set(id, { connection, heardAt: performance.now(), said, shown: false, held: [] });
    this.#send(said, id);
  }

  #receive(id: string, value: unknown): void {
    const contact = this.#contacts.get(id);
    if (this.#left || contact === undefined) return;
    contact.heardAt = performance.now();
    const message = readMessage(value);
    if (typeof message === 'string') {
      this.#drop(id, `it sent a malformed message (${message})`);
      return;
    }
    const isHost = id === this.#hostId;
    switch (message.type) {
      case 'hello':
        this.#greeted(id, contact, message);
        break;
      case 'roster':
        if (isHost) this.#adopt(message.ids);
        break;
      case 'refuse':
        if (isHost) this.#refused(message.reason);
        break;
      case 'bye':
        this.#drop(id, 'its page was closed or left the room');
        break;
      case 'data':
        if (this.#takesPart(id)) this.#handlers.onMessage?.(id, message.body);
        else if (contact.held.length < mostHeld) contact.held.push(message.body);
    }
  }

  #greeted(id: string, contact: Contact, hello: Hello): void {
    if (this.#options.role === 'host' && hello.role === 'host') {
      // Judged by what this page told the other, so that both come to the same result.
      if (givesWay(contact.said, this.selfId, hello, id)) this.#refused('this room already has a host');
      return;
    }
    contact.hello = hello;
    if (this.#options.role === 'guest' && hello.role === 'host') this.#hostId ??= id;
    if (contact.shown) this.#handlers.onPeer?.(asPeer(id, hello));
    this.#refresh();
  }

  #adopt(ids: readonly string[]): void {
    const wasIn = this.#roster.has(this.selfId);
    this.#roster.clear();
    for (const id of ids) this.#roster.add(id);
    if (!wasIn && this.#roster.has(this.selfId)) this.#handlers.onAdmitted?.(this.#hostId!);
    this.#refresh();
  }

  #refused(reason: string): void {
    void this.leave();
    this.#handlers.onRefused?.(reason);
  }

  #isVisible(id: string, { hello }: Contact): boolean {
    if (hello === undefined) return false;
    if (this.#options.role === 'host' || id === this.#hostId) return true;
    return this.#roster.has(this.selfId) && this.#roster.has(id);
  }

  /** Whether messages go to and come from it: it is visible, and the host has let in whichever of the two is a guest. */
  #takesPart(id: string): boolean {
    const contact = this.#contacts.get(id);
    if (contact === undefined || !this.#isVisible(id, contact)) return false;
    return this.#roster.has(this.#options.role === 'host' ? id : this.selfId);
  }

  /** Tells the page who came into view or went out of it, and hands it what was held for those who take part now. */
  #refresh(): void {
    for (const [id, contact] of this.#contacts) {
      const visible = this.#isVisible(id, contact);
      if (visible !== contact.shown) {
        contact.shown = visible;
        if (visible) this.#handlers.onPeer?.(asPeer(id, contact.hello!));
        else this.#handlers.onLeave?.(id, 'the host left, or turned it away');
      }
      if (!this.#takesPart(id)) continue;
      for (const message of contact.held.splice(0)) this.#handlers.onMessage?.(id, message);
    }
  }

  #drop(id: string, reason: string): void {
    const contact = this.#contacts.get(id);
    if (this.#left || contact === undefined) return;
    this.#contacts.delete(id);
    contact.connection.close();
    if (contact.shown) this.#handlers.onLeave?.(id, reason);
    if (this.#options.role === 'host') {
      if (this.#roster.delete(id)) this.#tellRoster();
    } else if (id === this.#hostId) {
      this.#roster.clear();
      this.#hostId = [...this.#contacts].find(([, { hello }]) => hello?.role === 'host')?.[0];
    }
    this.#refresh();
  }

  /** Sends a sign of life, and drops who has given none. Time in which this page itself stood still does not count. */
  #checkLife(): void {
    const now = performance.now();
    const stoodStill = Math.max(0, now - this.#lastBeat - 2 * beatMs);
    this.#lastBeat = now;
    for (const [id, contact] of this.#contacts) {
      contact.heardAt += stoodStill;
      if (now - contact.heardAt <= goneMs) this.#send({ type: 'beat' }, id);
      else this.#drop(id, `nothing was heard from it for ${goneMs / 1000} s`);
    }
  }

  #tellRoster(): void {
    for (const id of this.#roster) this.#send({ type: 'roster', ids: [...this.#roster] }, id);
  }

  #tellAll(message: RoomMessage): void {
    for (const id of this.#contacts.keys()) this.#send(message, id);
  }
}

const asPeer = (id: string, { role, name, about }: Hello): Peer => ({ id, role, name, about });

function checkSize(value: Json, longest: number, what: string): Json {
  const { length } = JSON.stringify(value);
  if (length <= longest) return value;
  throw new Error(`${what} has ${length} characters as JSON; a room carries at most ${longest}.`);
}
