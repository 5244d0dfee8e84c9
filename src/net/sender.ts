/**
 * Sends messages over data channels with back-pressure. Each pair of ranks is a route; routes take turns by part, so
 * that a short message of one does not wait behind a long one of another, and a part takes the channel that has least
 * to do.
 */

import { frames } from './assemble.ts';

/** A channel takes another part while it has less than this to send, ... */
const HIGH_WATER_BYTES = 256 * 1024;
/** ... and reports when it has come down to this. */
const LOW_WATER_BYTES = 128 * 1024;

/** Messages of one rank to another, sent in the order given. */
export interface Route {
  /** Takes the message over; it is spoilt. @throws FrameError for what is no message */
  send(message: ArrayBuffer): void;
  /** Forgets what is not sent yet. */
  close(): void;
}

export interface Sender {
  /** Sends over this channel too, which is open. */
  add(lane: RTCDataChannel): void;
  /** Call once there is a channel. */
  open(): Route;
  /** Bytes handed to the channels, headers included. */
  readonly bytesSent: number;
}

interface Outgoing {
  readonly message: ArrayBuffer;
  readonly parts: Iterator<Uint8Array<ArrayBuffer>, void>;
}

/**
 * @param sent gets back the buffer of each message that was sent
 * @param failed is told when a channel or a message is of no use
 */
export function createSender(sent: (message: ArrayBuffer) => void, failed: (reason: string) => void): Sender {
  const lanes: RTCDataChannel[] = [];
  /** Routes with something to send; the first is next. */
  const turns: Outgoing[][] = [];
  let bytesSent = 0;

  function pump(): void {
    try {
      while (turns.length > 0) {
        const lane = freest(lanes);
        // A channel that is closing says so by an event of its own, with a better reason than `send` has.
        if (lane.readyState !== 'open' || lane.bufferedAmount >= HIGH_WATER_BYTES) return;
        const route = turns.shift()!;
        const { message, parts } = route[0];
        const part = parts.next().value;
        if (part) {
          lane.send(part);
          bytesSent += part.byteLength;
        } else {
          route.shift();
          sent(message);
        }
        if (route.length > 0) turns.push(route);
      }
    } catch (error) {
      failed(`sending failed: ${error instanceof Error ? error.message : error}`);
    }
  }

  return {
    add(lane) {
      lane.bufferedAmountLowThreshold = LOW_WATER_BYTES;
      lane.addEventListener('bufferedamountlow', pump);
      lanes.push(lane);
      pump();
    },
    open() {
      const waiting: Outgoing[] = [];
      let sequence = 0;
      return {
        send(message) {
          waiting.push({ message, parts: frames(message, sequence) });
          sequence = (sequence + 1) >>> 0;
          if (waiting.length > 1) return;
          turns.push(waiting);
          pump();
        },
        close() {
          waiting.length = 0;
          const turn = turns.indexOf(waiting);
          if (turn >= 0) turns.splice(turn, 1);
        },
      };
    },
    get bytesSent() {
      return bytesSent;
    },
  };
}

function freest(lanes: readonly RTCDataChannel[]): RTCDataChannel {
  return lanes.reduce((best, lane) => (lane.bufferedAmount < best.bufferedAmount ? lane : best));
}
