/**
 * Buffers of messages that were sent or read, for messages that arrive or are to be sent: exchanges move as many bytes
 * one way as the other, so the sizes recur and nothing is allocated once a run is under way.
 */

export interface BufferPool {
  /** @returns a buffer of exactly so many bytes, with anything in it */
  take(bytes: number): ArrayBuffer;
  /** Hands over a buffer that the caller needs no more. */
  give(buffer: ArrayBuffer): void;
}

/** @param capacity bytes to keep; the buffers that were given first go first */
export function createBufferPool(capacity = 32 * 2 ** 20): BufferPool {
  const kept: ArrayBuffer[] = [];
  let bytesKept = 0;
  return {
    take(bytes) {
      const at = kept.findIndex(buffer => buffer.byteLength === bytes);
      if (at < 0) return new ArrayBuffer(bytes);
      bytesKept -= bytes;
      return kept.splice(at, 1)[0];
    },
    give(buffer) {
      if (buffer.byteLength > capacity) return;
      kept.push(buffer);
      bytesKept += buffer.byteLength;
      while (bytesKept > capacity) bytesKept -= kept.shift()!.byteLength;
    },
  };
}
