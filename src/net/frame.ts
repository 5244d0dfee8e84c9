/**
 * The wire format between ranks: a header of 48 bytes, then a payload. A message is one frame on a `MessagePort`; over
 * a data channel it is cut into parts, each a frame of its own with the same identity and its own checksum.
 */
import { FrameError } from './frame-error.ts';

/** What a frame is for. */
export const FrameKind = {
  /** Payload of an exchange of the plan. */
  data: 1,
  /** A request from one rank to another, and its answer. */
  call: 2,
  reply: 3,
  /** Liveness, round trip and clocks: a ping carries its sender's time, a pong that time and its own sender's. */
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
  /** Hash of what decides the plans of all ranks, and of the run: frames of another are refused. */
  readonly plan: number;
  /** The round of the links: training steps and forecasts count it on alike. */
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
export const WIRE_VERSION = 3;
/** Most payload bytes of a part over a data channel: with its header it stays below the 256 KiB that all browsers take. */
export const PART_BYTES = 240 * 1024;

/** In how many parts a message of so many payload bytes crosses a data channel. */
export function partCount(total: number): number {
  return Math.max(1, Math.ceil(total / PART_BYTES));
}

/**
 * Which bytes of the payload a part holds. Parts are equal to a word, for a short one costs its channel and both pages
 * as much as a long one; the last may be up to a few words shorter.
 */
export function partOf(total: number, index: number): { readonly at: number; readonly bytes: number } {
  const each = 4 * Math.ceil(total / partCount(total) / 4);
  const at = index * each;
  return { at, bytes: Math.min(each, total - at) };
}

const MAGIC = 0x4f534942; // "BISO" in memory, little endian
const known = new Set<number>(Object.values(FrameKind));

/**
 * Fletcher's idea on 32-bit words: order matters, and it runs at memory speed. Each of four neighbouring words has sums
 * of its own, for additions that wait for each other take longer than the memory. The tail is padded with zeros.
 * @param bytes at a multiple of 4 in their buffer
 */
export function checksumOf(bytes: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = bytes;
  // Signed, since the sums are: unsigned words would leave the compiler's integers.
  const words = new Int32Array(buffer, byteOffset, 4 * (byteLength >>> 4));
  let a0 = 1;
  let a1 = 1;
  let a2 = 1;
  let a3 = 1;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let i = 0; i < words.length; i += 4) {
    a0 = (a0 + words[i]) | 0;
    a1 = (a1 + words[i + 1]) | 0;
    a2 = (a2 + words[i + 2]) | 0;
    a3 = (a3 + words[i + 3]) | 0;
    b0 = (b0 + a0) | 0;
    b1 = (b1 + a1) | 0;
    b2 = (b2 + a2) | 0;
    b3 = (b3 + a3) | 0;
  }
  for (let at = words.byteLength; at < byteLength; at++) {
    a0 = (a0 + (bytes[at] << (8 * (at % 4)))) | 0;
    b0 = (b0 + a0) | 0;
  }
  let sum = 0;
  for (const part of [a0, b0, a1, b1, a2, b2, a3, b3]) {
    sum = Math.imul(sum ^ part, 0x9e3779b1);
    // High bits come down, or a changed sign would cancel: it changes the highest bit of both its sums.
    sum ^= sum >>> 15;
  }
  return sum >>> 0;
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
