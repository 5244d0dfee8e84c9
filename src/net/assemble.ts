/**
 * Messages over data channels: cut into parts, and put together again. Parts may come over several channels and
 * overtake each other; messages leave here whole, and in the order in which one rank sent them to another.
 */

import type { BufferPool } from './buffer-pool.ts';
import {
  checksumOf,
  type FrameHeader,
  HEADER_BYTES,
  partCount,
  partOf,
  readHeader,
  writeHeader,
} from './frame.ts';
import { FrameError } from './frame-error.ts';

type Header = Required<FrameHeader>;

/**
 * Cuts a message into frames that a data channel takes, without copying it: the header of a part is written over the
 * end of the part before, which was sent by then. So a frame holds only until the next one is asked for, and the
 * message is spoilt.
 *
 * @param message header and payload
 * @param sequence place of the message among those of its rank to the other, 32 bits
 * @throws FrameError for what is no message
 */
export function* frames(message: ArrayBuffer, sequence: number): Generator<Uint8Array<ArrayBuffer>, void> {
  const header = readHeader(message);
  if (header.part.index !== 0 || header.part.bytes !== header.total) {
    throw new FrameError(
      `a part of ${header.part.bytes} bytes where a whole message of ${header.total} was expected`,
    );
  }
  const count = partCount(header.total);
  for (let index = 0; index < count; index++) {
    const { at, bytes } = partOf(header.total, index);
    const checksum = checksumOf(new Uint8Array(message, at + HEADER_BYTES, bytes));
    writeHeader(message, { ...header, part: { index, bytes }, checksum, sequence }, at);
    yield new Uint8Array(message, at, HEADER_BYTES + bytes);
  }
}

export interface AssemblerLimits {
  /** Payload of one message. */
  readonly messageBytes: number;
  /** All messages that are incomplete, or wait for one that was sent before them. */
  readonly heldBytes: number;
  /** How many messages may overtake one that is incomplete. */
  readonly messagesAhead: number;
  /** Pairs of ranks, times generations. */
  readonly streams: number;
}

const defaultLimits: AssemblerLimits = {
  messageBytes: 256 * 2 ** 20,
  heldBytes: 512 * 2 ** 20,
  messagesAhead: 1 << 16,
  streams: 1024,
};

interface Assembler {
  /**
   * Takes one frame, and delivers what it completes.
   * @param header the frame's own, from `readHeader`
   * @throws FrameError for a part that cannot be; nothing was allocated for it then
   */
  accept(frame: ArrayBuffer, header: Header): void;
  /** Drops what was sent in this generation or one before, complete or not. */
  forget(generation: number): void;
}

/** Messages of one rank to another in one generation. */
interface Stream {
  readonly generation: number;
  /** Sequence of the message to deliver next. */
  next: number;
  /** Messages under way, by sequence: incomplete, or before their turn. */
  readonly held: Map<number, Held>;
}

interface Held {
  readonly header: Header;
  readonly message: ArrayBuffer;
  /** 1 for every part that has come. */
  readonly seen: Uint8Array;
  missing: number;
}

/**
 * @param deliver takes a whole message; its header names the message as one part
 * @param pool where message buffers come from
 */
export function createAssembler(
  deliver: (message: ArrayBuffer, header: Header) => void,
  pool: BufferPool,
  limits: Partial<AssemblerLimits> = {},
): Assembler {
  const most = { ...defaultLimits, ...limits };
  const streams = new Map<string, Stream>();
  let bytesHeld = 0;

  /** All that can be checked of a part alone. */
  function check(frame: ArrayBuffer, header: Header): void {
    const { total, part } = header;
    if (total > most.messageBytes) {
      throw new FrameError(`a message of ${total} bytes; at most ${most.messageBytes} are taken`);
    }
    if (part.index >= partCount(total)) {
      throw new FrameError(
        `part ${part.index} is out of bounds: a message of ${total} bytes has ${partCount(total)} parts`,
      );
    }
    const { bytes } = partOf(total, part.index);
    if (part.bytes !== bytes) {
      throw new FrameError(
        `part ${part.index} of a message of ${total} bytes has ${part.bytes} bytes; ${bytes} were expected`,
      );
    }
    const checksum = checksumOf(new Uint8Array(frame, HEADER_BYTES));
    if (checksum !== header.checksum) {
      throw new FrameError(
        `a frame whose bytes changed on the way: checksum ${hex(checksum)}, its header says ${hex(header.checksum)}`,
      );
    }
  }

  function streamOf({ generation, from, to }: Header): Stream {
    const key = `${generation} ${from} ${to}`;
    let stream = streams.get(key);
    if (stream === undefined) {
      if (streams.size >= most.streams) {
        throw new FrameError(`frames of more than ${most.streams} pairs of ranks and generations`);
      }
      stream = { generation, next: 0, held: new Map() };
      streams.set(key, stream);
    }
    return stream;
  }

  function hold(stream: Stream, frame: ArrayBuffer, header: Header): Held {
    const { sequence, total } = header;
    if ((sequence - stream.next) >>> 0 > most.messagesAhead) {
      throw new FrameError(`message ${sequence} while ${stream.next} is awaited: too far ahead`);
    }
    if (bytesHeld + total > most.heldBytes) {
      throw new FrameError(
        `${bytesHeld + total} bytes in messages that are incomplete; at most ${most.heldBytes} are held`,
      );
    }
    const parts = partCount(total);
    const message = parts === 1 ? frame : pool.take(HEADER_BYTES + total);
    if (parts > 1) writeHeader(message, { ...header, part: { index: 0, bytes: total } });
    const held = { header, message, seen: new Uint8Array(parts), missing: parts };
    stream.held.set(sequence, held);
    bytesHeld += total;
    return held;
  }

  return {
    accept(frame, header) {
      check(frame, header);
      const { sequence, total, part } = header;
      const stream = streamOf(header);
      const isPast = (sequence - stream.next) >>> 0 >= 2 ** 31;
      let held = stream.held.get(sequence);
      if (isPast || held?.seen[part.index] === 1) {
        throw new FrameError(`part ${part.index} of message ${sequence} came twice`);
      }
      held ??= hold(stream, frame, header);
      if (held.header.total !== total) {
        throw new FrameError(
          `parts of message ${sequence} disagree on its size: ${held.header.total} and ${total} bytes`,
        );
      }
      if (held.message !== frame) {
        const { at } = partOf(total, part.index);
        new Uint8Array(held.message, HEADER_BYTES + at).set(new Uint8Array(frame, HEADER_BYTES));
      }
      held.seen[part.index] = 1;
      held.missing--;

      for (let first = stream.held.get(stream.next); first?.missing === 0; ) {
        stream.held.delete(stream.next);
        stream.next = (stream.next + 1) >>> 0;
        bytesHeld -= first.header.total;
        deliver(first.message, first.header);
        first = stream.held.get(stream.next);
      }
    },
    forget(generation) {
      for (const [key, stream] of streams) {
        if (stream.generation > generation) continue;
        for (const held of stream.held.values()) bytesHeld -= held.header.total;
        streams.delete(key);
      }
    },
  };
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
