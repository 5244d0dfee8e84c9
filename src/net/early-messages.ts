/** Messages that came before the port they are for: the pages wire their ranks anew each at its own time. */
import { FrameError } from './frame-error.ts';

const MOST_BYTES = 64 * 2 ** 20;
/** A message counts as its bytes and so many more, for what keeping it costs. */
const OVERHEAD_BYTES = 1024;

interface EarlyMessages {
  /** @throws FrameError where more is kept than a page that wires its ranks could have sent */
  keep(key: string, generation: number, message: ArrayBuffer): void;
  /** The messages kept under a key, in order; they are kept no more. */
  take(key: string): readonly ArrayBuffer[];
  /** Drops what was kept for this generation and those before it. */
  forget(generation: number): void;
}

export function createEarlyMessages(): EarlyMessages {
  const kept = new Map<string, { readonly generation: number; readonly messages: ArrayBuffer[] }>();
  let bytes = 0;

  function take(key: string): readonly ArrayBuffer[] {
    const messages = kept.get(key)?.messages ?? [];
    kept.delete(key);
    for (const message of messages) bytes -= message.byteLength + OVERHEAD_BYTES;
    return messages;
  }

  return {
    keep(key, generation, message) {
      bytes += message.byteLength + OVERHEAD_BYTES;
      if (bytes > MOST_BYTES) {
        throw new FrameError(
          `more than ${MOST_BYTES} bytes for ranks that are not attached here, the last in generation ${generation}`,
        );
      }
      const waiting = kept.get(key);
      if (waiting === undefined) kept.set(key, { generation, messages: [message] });
      else waiting.messages.push(message);
    },
    take,
    forget(generation) {
      for (const [key, waiting] of kept) if (waiting.generation <= generation) take(key);
    },
  };
}
