/**
 * How pages of a room find each other, before any WebRTC connection exists. Trystero does the work (announcing, offers
 * and answers encrypted with the room's secret, a full mesh of connections); a strategy only carries its messages:
 *
 * - `tabs`: a BroadcastChannel, for tabs of one browser, without any server;
 * - `relay`: a WebSocket to the relay that `npm start` serves;
 * - `internet`: Nostr relays, by a package that is loaded only when a room of this kind is joined.
 */
import type { JoinRoom, Room, StrategyMessage } from '@trystero-p2p/core';
import type { RelayListener } from './relay-sockets.ts';

/** What becomes of the relays that carry the messages of a room. */
export interface StrategyEvents {
  readonly onRelays: RelayListener;
  /** Told, once a relay, that it refuses this page. */
  readonly onNotice: (text: string) => void;
}

export type OpenStrategy = (events: StrategyEvents) => Strategy;

export interface Strategy {
  readonly join: JoinRoom;
  /** Ends what carried the messages. Connections between pages stay. */
  close(): void;
}

/** How often a page announces itself once its first two seconds are over: how long it takes to be found again. */
export const announceEveryMs = 5000;

/** A message as the text that a relay carries. */
export function textOf(message: StrategyMessage): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/**
 * Joins by trystero with two of its habits kept away, both through the constructor of connections that it lets us give:
 *
 * - It makes 20 idle connections ahead of use. Each would gather addresses and hold sockets, and Chromium allows a
 *   process, which may be several tabs, 500 connections. It makes them while `join` runs, and keeps none that is closed;
 *   what it misses in its stock it makes when a page asks.
 * - It logs an error when the other side closes a connection, which is how every page leaves. The end of a channel is
 *   told by `close` as well, and that it gets.
 *
 * @param made is handed every connection, as soon as it is made
 */
export function joinRoomQuietly(
  join: JoinRoom,
  made: (connection: RTCPeerConnection) => void,
  ...[config, ...rest]: Parameters<JoinRoom>
): Room {
  const closed = { connectionState: 'closed', createDataChannel: () => ({}), addEventListener: () => {} };
  let joining = true;
  const rtcPolyfill = function make(configuration: RTCConfiguration) {
    if (joining) return closed;
    const connection = quiet(new RTCPeerConnection(configuration));
    made(connection);
    return connection;
  } as unknown as typeof RTCPeerConnection;
  const room = join({ ...config, rtcPolyfill }, ...rest);
  joining = false;
  return room;
}

/** Keeps errors of trystero's own channel from it; channels that others negotiate on the connection are untouched. */
function quiet(connection: RTCPeerConnection): RTCPeerConnection {
  const keepErrors = (channel: RTCDataChannel) =>
    channel.addEventListener('error', event => event.stopImmediatePropagation());
  connection.addEventListener('datachannel', ({ channel }) => keepErrors(channel), { once: true });
  const create = connection.createDataChannel.bind(connection);
  connection.createDataChannel = (...parameters) => {
    const channel = create(...parameters);
    keepErrors(channel);
    connection.createDataChannel = create;
    return channel;
  };
  return connection;
}
