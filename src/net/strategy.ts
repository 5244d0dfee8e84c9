/**
 * How pages of a room find each other, before any WebRTC connection exists. Trystero does the work (announcing, offers
 * and answers encrypted with the room's secret, a full mesh of connections); a strategy only carries its messages:
 *
 * - `tabs`: a BroadcastChannel, for tabs of one browser, without any server;
 * - `relay`: a WebSocket to the relay that `npm start` serves;
 * - `internet`: public Nostr relays, in a package that is loaded only when a room of this kind is joined.
 */
import type { JoinRoom } from '@trystero-p2p/core';

export interface Strategy {
  readonly join: JoinRoom;
  /** Ends what carried the messages. Connections between pages stay. */
  close(): void;
}

/** How often a page announces itself once its first two seconds are over: how long it takes to be found again. */
export const announceEveryMs = 5000;
