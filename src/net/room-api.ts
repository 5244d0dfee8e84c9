/** The contract between a room and the page that is in it. */
import type { RelayListener } from './relay-sockets.ts';
import type { Json, Role } from './room-messages.ts';
import type { RoomKind } from './strategy-choice.ts';

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
  /**
   * `ws:` or `wss:` addresses: for `relay` that of the relay, for `internet` those of Nostr relays to use instead of
   * public ones.
   */
  readonly relayUrls?: readonly string[];
  /**
   * STUN and TURN servers. By default those that the page's own server offers for `relay`, trystero's public STUN servers
   * for `internet`, and none for `tabs`.
   */
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
  /** Guest: no host has answered within 10 s since this page joined; or one has, where there was none. */
  onHostAnswers?(answers: boolean): void;
  /** Guest: the host let this page in. */
  onAdmitted?(hostId: string): void;
  /** This page may not take part (the room is left already): the host refused it, or the room had a host before. */
  onRefused?(reason: string): void;
  /** Nobody can join now, or people can join again; those who are connected are not affected. */
  onRelays?: RelayListener;
  /** Something a person may want to know; the room goes on. */
  onNotice?(text: string): void;
}
