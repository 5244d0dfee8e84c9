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
import { Claim } from './claim.ts';
import { Contacts } from './contacts.ts';
import { Membership } from './membership.ts';
import { offeredServers } from './offered-servers.ts';
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

/** @throws Error for a relay room without its relay, or where the package for internet rooms cannot be loaded. */
export async function joinRoom(options: RoomOptions, handlers: RoomHandlers): Promise<Room> {
  const { kind, relayUrls: [relay] = [] } = options;
  const openStrategy = await chooseStrategy(options);
  const { iceServers = kind === 'relay' ? await offeredServers(relay) : undefined } = options;
  return new Room({ ...options, iceServers }, handlers, openStrategy);
}

export class Room {
  /** This page's id. It is one per page, so a page can be in a room only once. */
  readonly selfId = selfId;
  readonly #name: string;
  readonly #presence: Presence;
  readonly #members: Membership;
  readonly #contacts: Contacts;
  #claim: Claim | undefined;
  readonly #noHost: ReturnType<typeof setTimeout> | undefined;
  /** The page was told that no host answers, or that its host is gone. */
  #lacksHost = false;
  readonly #about: Json;

  constructor(options: RoomOptions, handlers: RoomHandlers, openStrategy: OpenStrategy) {
    this.#name = options.name;
    this.#members = new Membership(selfId, options.role);
    this.#contacts = new Contacts(this.#members, handlers);
    this.#about = checkSize(options.about ?? null, longestAbout, 'What a page tells about itself');
    const { room, secret, iceServers = options.kind === 'internet' ? undefined : [] } = options;
    const onNotice = (text: string) => this.#contacts.handlers.onNotice?.(text);
    const strategy = openStrategy({
      onRelays: (state, text) => this.#contacts.handlers.onRelays?.(state, text),
      onNotice,
    });
    this.#presence = new Presence(
      strategy,
      { room, secret, iceServers },
      {
        onMeet: id => this.#greet(id),
        onMessage: (id, message) => this.#receive(id, message),
        onGone: (id, reason) => this.#gone(id, reason),
        onNotice,
      },
    );
    if (options.role === 'guest') {
      this.#noHost = setTimeout(() => {
        this.#lacksHost = true;
        this.#contacts.handlers.onHostAnswers?.(false);
      }, hostAnswersMs);
    }
  }

  /** Host: all guests, also those that ask. Guest: its host and the guests that were let in. */
  peers(): Peer[] {
    return this.#contacts.peers();
  }

  /** Guest: its host, while it has one. */
  get hostId(): string | undefined {
    return this.#members.host;
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
    if (!this.#contacts.takesPart(id)) return false;
    this.#presence.send(id, { type: 'data', body: message });
    return true;
  }

  /** Host: lets a guest in. */
  admit(id: string): void {
    if (!this.#members.isHost || this.#contacts.hello(id)?.role !== 'guest') return;
    if (this.#members.roster.length === mostGuests) {
      this.refuse(id, `the room is full (${mostGuests} guests)`);
      return;
    }
    this.#members.admit(id);
    this.#tellRoster();
    this.#contacts.refresh();
  }

  /** Host: turns a guest away, also one that was let in before. */
  refuse(id: string, reason: string): void {
    if (!this.#members.isHost) return;
    this.#presence.send(id, { type: 'refuse', reason: reason.slice(0, 500) });
    if (this.#members.expel(id)) this.#tellRoster();
  }

  /**
   * Guest that was let in by a host which is gone: becomes the host, with the guests that were let in beside it. Resolves
   * when they follow, or after 6 s without those that do not; they are let in when they do.
   *
   * @throws Error where this page may not, or where another one was faster: then this page is the guest of that one.
   */
  async takeOver(): Promise<void> {
    const { host } = this.#members;
    const hello = host === undefined ? undefined : this.#contacts.hello(host);
    // Another page may have been faster by so much that this one is its guest already.
    if (hello && hello.term > 0) throw new Error(takenOver(hello));
    this.#members.takeOver();
    this.#claim = new Claim(this.#contacts.ids().filter(id => this.#members.wasAdmitted(id)));
    this.#introduce();
    this.#contacts.refresh();
    await this.#claim.settled.finally(() => {
      this.#claim = undefined;
    });
  }

  /** Other handlers from now on, who hear at once which peers are there. */
  handOver(handlers: RoomHandlers): void {
    this.#contacts.handlers = handlers;
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

  #greet(id: string): void {
    const said = this.#hello();
    this.#contacts.greet(id, said);
    this.#presence.send(id, said);
  }

  /** Says hello anew, in a role that has changed. */
  #introduce(): void {
    for (const id of this.#contacts.ids()) this.#greet(id);
  }

  #receive(id: string, message: RoomMessage): void {
    const isHost = id === this.#members.host;
    switch (message.type) {
      case 'hello':
        this.#greeted(id, message);
        break;
      case 'roster':
        if (!isHost) break;
        if (this.#members.adopt(message.ids)) this.#contacts.handlers.onAdmitted?.(id);
        this.#contacts.refresh();
        break;
      case 'refuse':
        if (isHost) this.#refused(message.reason);
        break;
      case 'data':
        this.#contacts.heard(id, message.body);
    }
  }

  #greeted(id: string, hello: Hello): void {
    const members = this.#members;
    const said = this.#contacts.said(id);
    if (said === undefined) return;
    if (members.isHost && hello.role === 'host') {
      // Judged by what this page told the other, so that both come to the same result.
      if (givesWay(said, this.selfId, hello, id)) this.#giveWay(id, hello);
      return;
    }
    this.#contacts.greeted(id, hello);
    if (members.isHost) {
      if (hello.host === this.selfId) this.#followed(id);
    } else if (hello.role === 'host') {
      if (members.host === undefined) this.#follow(id, hello);
    } else if (members.host === id) {
      this.#loseHost();
    }
    this.#contacts.refresh();
  }

  #follow(id: string, { term }: Hello): void {
    this.#members.follow(id, term);
    clearTimeout(this.#noHost);
    if (this.#lacksHost) this.#contacts.handlers.onHostAnswers?.(true);
    this.#lacksHost = false;
    // A host that took over knows this page, and must hear that it follows.
    if (term > 0) this.#presence.send(id, this.#hello());
  }

  /** Host: a guest has come, one of the host before perhaps. */
  #followed(id: string): void {
    if (this.#members.wasAdmitted(id)) {
      this.#members.admit(id);
      this.#tellRoster();
    }
    this.#claim?.cease(id);
  }

  /** Of two hosts, the other one stays. */
  #giveWay(id: string, hello: Hello): void {
    const reason = hello.term > 0 ? takenOver(hello) : 'this room already has a host';
    if (!this.#claim) {
      this.#refused(reason);
      return;
    }
    this.#contacts.greeted(id, hello);
    this.#members.follow(id, hello.term);
    this.#introduce();
    this.#claim.fail(new Error(reason));
    this.#contacts.refresh();
  }

  /** Guest: its host is gone, or has given way. */
  #loseHost(): void {
    this.#members.loseHost();
    this.#lacksHost = true;
    const next = this.#contacts.host();
    if (next) this.#follow(next.id, next.hello);
  }

  #refused(reason: string): void {
    void this.leave();
    this.#contacts.handlers.onRefused?.(reason);
  }

  #gone(id: string, reason: string): void {
    this.#contacts.remove(id, reason);
    if (this.#members.isHost) {
      if (this.#members.remove(id)) this.#tellRoster();
      this.#claim?.cease(id);
    } else if (id === this.#members.host) {
      this.#loseHost();
    }
    this.#contacts.refresh();
  }

  #tellRoster(): void {
    const ids = [...this.#members.roster];
    for (const id of ids) this.#presence.send(id, { type: 'roster', ids });
  }
}

const takenOver = ({ name }: Hello) => `${name} has taken over the run of this room`;
