/**
 * The yardstick: one ordered RTCDataChannel on a connection of its own, back-pressured, with nothing around it. It
 * sends the same bytes from the same memory again and again, and the far page only counts them.
 */

/** What a channel takes at once. */
const LARGEST_MESSAGE_BYTES = 256 * 1024;
/** Longer messages are sent in pieces, the fastest size found: 64 KiB were as fast or slower. */
const PIECE_BYTES = 240 * 1024;
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 512 * 1024;

/** A transport to the far page, as the bench uses it. */
export interface Loop {
  /** ms until the far page has all of `count` messages and said so. */
  burst(bytes: number, count: number): Promise<number>;
  /** ms until a message is back. */
  roundTrip(bytes: number): Promise<number>;
}

/** What the near page asks for, ahead of the bytes. */
interface Order {
  readonly bytes: number;
  readonly isEcho: boolean;
}

/** @param channel open; the only user of its connection */
export function openBare(channel: RTCDataChannel, isNear: boolean): Loop {
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  let order: Order = { bytes: 0, isEcho: false };
  let missing = 0;
  let answered: () => void = () => {};
  channel.onmessage = async ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') {
      if (isNear) return answered();
      order = JSON.parse(data);
      missing = order.bytes;
      return;
    }
    missing -= data.byteLength;
    if (missing > 0) return;
    if (isNear) answered();
    else if (order.isEcho) await sendAll(channel, order.bytes, 1);
    else channel.send('all');
  };

  async function timed(order: Order, bytes: number, count: number): Promise<number> {
    const answer = new Promise<void>(resolve => {
      answered = resolve;
    });
    const start = performance.now();
    missing = bytes;
    channel.send(JSON.stringify(order));
    await sendAll(channel, bytes, count);
    await answer;
    return performance.now() - start;
  }
  return {
    burst: (bytes, count) => timed({ bytes: bytes * count, isEcho: false }, bytes, count),
    roundTrip: bytes => timed({ bytes, isEcho: true }, bytes, 1),
  };
}

const memory = new ArrayBuffer(LARGEST_MESSAGE_BYTES);

async function sendAll(channel: RTCDataChannel, bytes: number, count: number): Promise<void> {
  const total = bytes * count;
  const piece = bytes <= LARGEST_MESSAGE_BYTES ? bytes : PIECE_BYTES;
  for (let sent = 0; sent < total; sent += piece) {
    if (channel.bufferedAmount >= HIGH_WATER_BYTES) {
      await new Promise(resolve => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
    }
    channel.send(new Uint8Array(memory, 0, Math.min(piece, total - sent)));
  }
}
