import { type FrameHeader, FrameKind, HEADER_BYTES, writeHeader } from '../../../src/net/frame.ts';

/** A message as a rank posts it, with bytes that tell where they belong. */
export function messageOf(bytes: number, seed = 1, identity: Partial<FrameHeader> = {}): ArrayBuffer {
  const message = new ArrayBuffer(HEADER_BYTES + bytes);
  writeHeader(message, {
    kind: FrameKind.data,
    flags: 3,
    plan: 0xfedcba98,
    step: 7,
    exchange: seed,
    from: 0,
    to: 1,
    generation: 0,
    ...identity,
    total: bytes,
    part: { index: 0, bytes },
  });
  new Uint8Array(message, HEADER_BYTES).set(payloadOf(bytes, seed));
  return message;
}

export function payloadOf(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 24) ^ seed);
}

/** Checks a message's payload against `payloadOf`; fast for millions of bytes. @returns what is wrong */
export function faultOf(message: ArrayBuffer, bytes: number, seed: number): string | undefined {
  const payload = new Uint8Array(message, HEADER_BYTES);
  if (payload.length !== bytes) return `${payload.length} bytes in place of ${bytes}`;
  const wrong = payloadOf(bytes, seed).findIndex((byte, i) => payload[i] !== byte);
  return wrong < 0 ? undefined : `byte ${wrong} of message ${seed} differs`;
}
