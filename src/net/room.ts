/**
 * A room: the pages that work on one run, and what they say to each other before and beside the bulk data.
 *
 * Whoever has the room's secret can connect; whom the host lets in takes part. Every page connects to every other one
 * and sends a `hello`. The host sees every guest that asks, and answers with the roster of those it let in or with a
 * refusal. A guest deals with the host, and with the guests on the host's roster: without a host there is no roster, so
 * then it deals with nobody. But one of those on the last roster may take the room over: it becomes the host in its
 * place, over the connections that are there, and the others follow it without asking again.
 *
 * The relay is needed only to meet: once connected, pages talk over WebRTC.
 */
import { selfId } from '@trystero-p2p/core';
import { Membership } from './membership.ts';
import { Presence } from './presence.ts';
import type { Peer, RoomHandlers, RoomOptions } from './room-api.ts';
import {
  checkSize,
  givesWay,
  type Hello,
  type Json,
  longestAbout,
  longestMessage,
  mostGuests,
  type Role,
  type RoomMessage,
} from './room-messages.ts';
import type { OpenStrategy } from './strategy.ts';
import { chooseStrategy, type RoomKind } from './strategy-choice.ts';

export type { Json, Peer, Role, RoomHandlers, RoomKind, RoomOptions };

const hostAnswersMs = 10_000;
/** Guests that have not followed a new host by then have the old one still, or do not answer. */
const followMs = 2000;
/** Messages kept for a peer that may talk but is not on our roster yet: its copy of the roster came first. */
const mostHeld = 64;

/** Another page that is connected to this one. */
interface Contact {
  /** By which the two judge which of them is the host: this page's first hello to it, or that as a new host. */
  said: Hello;
  hello?: Hello;
  /** Whether `onPeer` was called for it. */
  shown: boolean;
  readonly held: Json[];
}

/** @throws Error for a relay room without its relay, or where the package for internet rooms cannot be loaded. */
export async function joinRoom(options: RoomOptions, handlers: RoomHandlers): Promise<Room> {
  return new Room(options, handlers, await chooseStrategy(options));
}

/** What a page that takes the room over waits for. */
interface Claim {
  readonly awaited: Set<string>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

export class Room {
  /** This page's id. It is one per page, so a page can be in a room only once. */
  readonly selfId = selfId;
  readonly #name: string;
  readonly #presence: Presence;
  readonly #contacts = new Map<string, Contact>();
  readonly #members: Membership;
  #claim: Claim | undefined;
  #handlers: RoomHandlers;
  readonly #noHost: ReturnType<typeof setTimeout> | undefined;
  #about: Json;

  constructor(options: RoomOptions, handlers: RoomHandlers, openStrategy: OpenStrategy) {
    this.#name = options.name;
    this.#members = new Membership(selfId, options.role);
    this.#handlers = handlers;
    this.#about = checkSize(options.about ?? null, longestAbout, 'What a page tells about itself');
    const { room, secret, iceServers = options.kind === 'internet' ? undefined : [] } = options;
    const onNotice = (text: string) => this.#handlers.onNotice?.(text);
    const strategy = openStrategy({
      onRelays: (state, text) => this.#handlers.onRelays?.(state, text),
      onNotice,
    });
    this.#presence = new Presence(
      strategy,
      { room, secret, iceServers },
      {
        onMeet: id => this.#meet(id),
        onMessage: (id, message) => this.#receive(id, message),
        onGone: (id, reason) => this.#gone(id, reason),
        onNotice,
      },
    );
    if (options.role === 'guest') {
      this.#noHost = setTimeout(() => {
        const text = 'No host has answered yet. Is its page open, and is the link whole?';
        if (this.#members.host === undefined) this.#handlers.onNotice?.(text);
      }, hostAnswersMs);
    }
  }

  /** Host: all guests, also those that ask. Guest: its host and the guests that were let in. */
  peers(): Peer[] {
    return [...this.#contacts].filter(([, { shown }]) => shown).map(([id, { hello }]) => asPeer(id, hello!));
  }

  /** Whether the host has let the peer in, as far as this page knows. A guest asks so about itself, too. */
  isAdmitted(id: string): boolean {
    return this.#members.isAdmitted(id);
  }

  /** The connection that signalling made, on which further channels can be negotiated. It is closed with the peer. */
  connection(id: string): RTCPeerConnection | undefined {
    return this.#presence.connection(id);
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
    this.#presence.send(id, { type: 'data', body: message });
    return true;
  }

  /** Tells all peers something new about this page. */
  describe(about: Json): void {
    this.#about = checkSize(about, longestAbout, 'What a page tells about itself');
    this.#presence.sendAll(this.#hello());
  }

  /** Host: lets a guest in. */
  admit(id: string): void {
    if (!this.#members.isHost || this.#contacts.get(id)?.hello?.role !== 'guest') return;
    if (this.#members.roster.length === mostGuests) {
      this.refuse(id, `the room is full (${mostGuests} guests)`);
      return;
    }
    this.#members.admit(id);
    this.#tellRoster();
    this.#refresh();
  }

  /** Host: turns a guest away, also one that was let in before. */
  refuse(id: string, reason: string): void {
    if (!this.#members.isHost) return;
    this.#presence.send(id, { type: 'refuse', reason: reason.slice(0, 500) });
    if (this.#members.expel(id)) this.#tellRoster();
  }

  /**
   * Guest that was let in by a host which is gone: becomes the host, with the guests that were let in beside it. Resolves
   * when they follow, or after 2 s without those that do not; they are let in when they do.
   *
   * @throws Error where this page may not, or where another one was faster: then this page is the guest of that one.
   */
  async takeOver(): Promise<void> {
    this.#members.takeOver();
    clearTimeout(this.#noHost);
    const settled = new Promise<void>((done, failed) => {
      const awaited = new Set([...this.#contacts.keys()].filter(id => this.#members.wasAdmitted(id)));
      this.#claim = { awaited, done, failed };
    });
    this.#introduce();
    this.#refresh();
    // Nobody may be left.
    this.#cease(this.selfId);
    const timer = setTimeout(() => this.#claim?.done(), followMs);
    await settled.finally(() => {
      clearTimeout(timer);
      this.#claim = undefined;
    });
  }

  /** Other handlers from now on, who hear at once which peers are there. */
  handOver(handlers: RoomHandlers): void {
    this.#handlers = handlers;
    for (const peer of this.peers()) handlers.onPeer?.(peer);
  }

  /** Says goodbye and closes all connections. */
  async leave(): Promise<void> {
    clearTimeout(this.#noHost);
    this.#contacts.clear();
    await this.#presence.leave();
  }

  #hello(): Hello {
    return { type: 'hello', name: this.#name, about: this.#about, ...this.#members.told() };
  }

  /** Says hello anew, in a role that has changed. */
  #introduce(): void {
    for (const [id, contact] of this.#contacts) {
      contact.said = this.#hello();
      this.#presence.send(id, contact.said);
    }
  }

  #meet(id: string): void {
    const said = this.#hello();
    this.#contacts.set(id, { said, shown: false, held: [] });
    this.#presence.send(id, said);
  }

  #receive(id: string, message: RoomMessage): void {
    const contact = this.#contacts.get(id);
    if (contact === undefined) return;
    const isHost = id === this.#members.host;
    switch (message.type) {
      case 'hello':
        this.#greeted(id, contact, message);
        break;
      case 'roster':
        if (!isHost) break;
        if (this.#members.adopt(message.ids)) this.#handlers.onAdmitted?.(id);
        this.#refresh();
        break;
      case 'refuse':
        if (isHost) this.#refused(message.reason);
        break;
      case 'data':
        if (this.#takesPart(id)) this.#handlers.onMessage?.(id, message.body);
        else if (contact.held.length < mostHeld) contact.held.push(message.body);
    }
  }

  #greeted(id: string, contact: Contact, hello: Hello): void {
    const members = this.#members;
    if (members.isHost && hello.role === 'host') {
      // Judged by what this page told the other, so that both come to the same result.
      if (givesWay(contact.said, this.selfId, hello, id)) this.#giveWay(id, contact, hello);
      return;
    }
    contact.hello = hello;
    if (members.isHost) {
      if (hello.host === this.selfId) this.#followed(id);
    } else if (hello.role === 'host') {
      if (members.host === undefined) this.#follow(id, hello);
    } else if (members.host === id) {
      this.#loseHost();
    }
    if (contact.shown) this.#handlers.onPeer?.(asPeer(id, hello));
    this.#refresh();
  }

  #follow(id: string, { term }: Hello): void {
    this.#members.follow(id, term);
    // A host that took over knows this page, and must hear that it follows.
    if (term > 0) this.#presence.send(id, this.#hello());
  }

  /** Host: a guest has come, one of the host before perhaps. */
  #followed(id: string): void {
    if (this.#members.wasAdmitted(id)) {
      this.#members.admit(id);
      this.#tellRoster();
    }
    this.#cease(id);
  }

  /** A claim waits for that page no more. */
  #cease(id: string): void {
    this.#claim?.awaited.delete(id);
    if (this.#claim?.awaited.size === 0) this.#claim.done();
  }

  /** Of two hosts, the other one stays. */
  #giveWay(id: string, contact: Contact, hello: Hello): void {
    const reason =
      hello.term > 0 ? `${hello.name} has taken over the run of this room` : 'this room already has a host';
    if (!this.#claim) {
      this.#refused(reason);
      return;
    }
    contact.hello = hello;
    this.#members.follow(id, hello.term);
    this.#introduce();
    this.#claim.failed(new Error(reason));
    this.#refresh();
  }

  /** Guest: its host is gone, or has given way. */
  #loseHost(): void {
    this.#members.loseHost();
    const next = [...this.#contacts].find(([, { hello }]) => hello?.role === 'host');
    if (next) this.#follow(next[0], next[1].hello!);
  }

  #refused(reason: string): void {
    void this.leave();
    this.#handlers.onRefused?.(reason);
  }

  #takesPart(id: string): boolean {
    return this.#contacts.get(id)?.hello !== undefined && this.#members.takesPart(id);
  }

  /** Tells the page who came into view or went out of it, and hands it what was held for those who take part now. */
  #refresh(): void {
    for (const [id, contact] of this.#contacts) {
      const visible = contact.hello !== undefined && this.#members.sees(id);
      if (visible !== contact.shown) {
        contact.shown = visible;
        if (visible) this.#handlers.onPeer?.(asPeer(id, contact.hello!));
        else this.#handlers.onLeave?.(id, 'the host left, or turned it away');
      }
      if (!this.#takesPart(id)) continue;
      for (const message of contact.held.splice(0)) this.#handlers.onMessage?.(id, message);
    }
  }

  #gone(id: string, reason: string): void {
    const contact = this.#contacts.get(id);
    this.#contacts.delete(id);
    if (contact?.shown) this.#handlers.onLeave?.(id, reason);
    if (this.#members.isHost) {
      if (this.#members.remove(id)) this.#tellRoster();
      this.#cease(id);
    } else if (id === this.#members.host) {
      this.#loseHost();
    }
    this.#refresh();
  }

  #tellRoster(): void {
    const ids = [...this.#members.roster];
    for (const id of ids) this.#presence.send(id, { type: 'roster', ids });
  }
}

const asPeer = (id: string, { role, name, about }: Hello): Peer => ({ id, role, name, about });
