/**
 * How pages of a room find each other, before any WebRTC connection exists. Trystero does the work (announcing, offers
 * and answers encrypted with the room's secret, a full mesh of connections); a strategy only carries its messages:
 *
 * - `tabs`: a BroadcastChannel, for tabs of one browser, without any server;
 * - `relay`: a WebSocket to the relay that `npm start` serves;
 * - `internet`: public Nostr relays, in a package that is loaded only when a room of this kind is joined.
 */
import type { JoinRoom, Room } from '@trystero-p2p/core';

export interface Strategy {
  readonly join: JoinRoom;
  /** Ends what carried the messages. Connections between pages stay. */
  close(): void;
}

/** How often a page announces itself once its first two seconds are over: how long it takes to be found again. */
export const announceEveryMs = 5000;

/**
 * Joins without the 20 idle connections that trystero makes ahead of use. Each would gather addresses and hold sockets,
 * and Chromium allows a process, which may be several tabs, 500 connections. Trystero makes them while `join` runs, and
 * keeps none that is closed; what it misses in its stock it makes when a page asks.
 */
export function joinWithoutStock(join: JoinRoom, ...[config, ...rest]: Parameters<JoinRoom>): Room {
  const closed = { connectionState: 'closed', createDataChannel: () => ({}), addEventListener: () => {} };
  let joining = true;
  const rtcPolyfill = function make(configuration: RTCConfiguration) {
    return joining ? closed : new RTCPeerConnection(configuration);
  } as unknown as typeof RTCPeerConnection;
  const room = join({ ...config, rtcPolyfill }, ...rest);
  joining = false;
  return room;
}
