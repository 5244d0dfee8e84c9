/**
 * The wire format between ranks: a header of 48 bytes, then a payload. A message is one frame on a `MessagePort`; over
 * a data channel it is cut into parts, each a frame of its own with the same identity and its own checksum.
 */

/** What a frame is for. */
export const FrameKind = {
  /** Payload of an exchange of the plan. */
  data: 1,
  /** A request from one rank to another, and its answer. */
  call: 2,
  reply: 3,
  /** Liveness and round trip: the payload of a pong is that of its ping. */
  ping: 4,
  pong: 5,
  /** The sender gives up; the payload says why. */
  failure: 6,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Identity of a message. All numbers are unsigned 32-bit words unless said otherwise. */
export interface FrameHeader {
  readonly kind: FrameKind;
  /** 8 bits that travel with the data, so that they cannot be overtaken: see `parallel`. */
  readonly flags: number;
  /** Hash of plan and run: frames of another are refused. */
  readonly plan: number;
  readonly step: number;
  /** Exchange of the plan, or the number of a call. */
  readonly exchange: number;
  /** Sending and receiving rank, 16 bits each. */
  readonly from: number;
  readonly to: number;
  /** Counts the times that links were made anew: frames of an older wiring are dropped. */
  readonly generation: number;
  /** Payload bytes of the whole message. */
  readonly total: number;
  /** Where this frame's payload lies in the message's. */
  readonly part: { readonly index: number; readonly bytes: number };
  /**
   * Of this frame's payload, see `checksumOf`. Data channels have it made where a frame leaves a page and checked where
   * it enters one; on a port, which moves memory, it means nothing, and a rank leaves it out.
   */
  readonly checksum?: number;
  /**
   * Counts the messages of one rank to another within a generation, so that they can be put in order after several
   * channels. The bulk layer sets it; a rank leaves it out.
   */
  readonly sequence?: number;
}

export const HEADER_BYTES = 48;
export const WIRE_VERSION = 1;
/** Payload bytes of a part over a data channel: with its header it stays below the 256 KiB that all browsers take. */
export const PART_BYTES = 240 * 1024;

const MAGIC = 0x4f534942; // "BISO" in memory, little endian
const known = new Set<number>(Object.values(FrameKind));

/** A frame that cannot be what it says; the message tells what was wrong. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Fletcher's idea on 32-bit words: order matters, and it runs at memory speed. The tail is padded with zeros. */
export function checksumOf(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  const whole = bytes.byteOffset % 4 === 0 ? bytes.byteLength >>> 2 : 0;
  const words = whole > 0 ? new Uint32Array(bytes.buffer, bytes.byteOffset, whole) : new Uint32Array();
  for (let i = 0; i < whole; i++) {
    a = (a + words[i]) | 0;
    b = (b + a) | 0;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = whole * 4; at < bytes.byteLength; at += 4) {
    let word = 0;
    for (let k = 0; k < 4 && at + k < bytes.byteLength; k++) word |= view.getUint8(at + k) << (8 * k);
    a = (a + word) | 0;
    b = (b + a) | 0;
  }
  return (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
}

/** @param at byte of the buffer where the header goes */
export function writeHeader(target: ArrayBuffer, header: FrameHeader, at = 0): void {
  const view = new DataView(target, at, HEADER_BYTES);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, WIRE_VERSION, true);
  view.setUint8(6, header.kind);
  view.setUint8(7, header.flags);
  view.setUint32(8, header.plan, true);
  view.setUint32(12, header.step, true);
  view.setUint32(16, header.exchange, true);
  view.setUint16(20, header.from, true);
  view.setUint16(22, header.to, true);
  view.setUint32(24, header.generation, true);
  view.setUint32(28, header.total, true);
  view.setUint32(32, header.part.index, true);
  view.setUint32(36, header.part.bytes, true);
  view.setUint32(40, header.checksum ?? 0, true);
  view.setUint32(44, header.sequence ?? 0, true);
}

/**
 * Reads and checks a header, before anything of the size that it claims is allocated.
 * @param bytes the frame, or the part of it that arrived
 * @throws FrameError
 */
export function readHeader(bytes: ArrayBuffer): Required<FrameHeader> {
  if (bytes.byteLength < HEADER_BYTES) {
    throw new FrameError(`a frame of ${bytes.byteLength} bytes; a header alone has ${HEADER_BYTES}`);
  }
  const view = new DataView(bytes);
  if (view.getUint32(0, true) !== MAGIC) throw new FrameError('bytes that are no frame of Isobar');
  const version = view.getUint16(4, true);
  if (version !== WIRE_VERSION) {
    throw new FrameError(
      `a frame of wire version ${version}; this page speaks ${WIRE_VERSION}. Load the same version of the page on both sides`,
    );
  }
  const kind = view.getUint8(6);
  if (!known.has(kind)) throw new FrameError(`a frame of unknown kind ${kind}`);
  const header: Required<FrameHeader> = {
    kind: kind as FrameKind,
    flags: view.getUint8(7),
    plan: view.getUint32(8, true),
    step: view.getUint32(12, true),
    exchange: view.getUint32(16, true),
    from: view.getUint16(20, true),
    to: view.getUint16(22, true),
    generation: view.getUint32(24, true),
    total: view.getUint32(28, true),
    part: { index: view.getUint32(32, true), bytes: view.getUint32(36, true) },
    checksum: view.getUint32(40, true),
    sequence: view.getUint32(44, true),
  };
  if (bytes.byteLength !== HEADER_BYTES + header.part.bytes) {
    throw new FrameError(
      `a frame of ${bytes.byteLength} bytes whose header announces ${HEADER_BYTES + header.part.bytes}`,
    );
  }
  return header;
}
