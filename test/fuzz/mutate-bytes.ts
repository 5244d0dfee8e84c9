/** Changes of bytes: flipped bits, numbers that are often at fault, spans cut out, doubled, or taken from elsewhere. */
import type { Random } from './random.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const EDGES = [0, 1, -1, 127, 128, 255, 256, 32_767, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

export interface ByteMutation {
  /** Other valid inputs. */
  readonly others: readonly Bytes[];
  /** The first so many bytes, where most of the meaning is, are changed half of the time. */
  readonly head?: number;
  /** Words that mean something to the reader. */
  readonly words?: readonly string[];
  /** As numbers are stored. */
  readonly littleEndian?: boolean;
}

/** The input changed in 1 to 4 places. */
export function mutateBytes(input: Bytes, random: Random, options: ByteMutation): Bytes {
  let bytes = Uint8Array.from(input);
  for (let left = 1 + random.below(4); left > 0; left--) bytes = changed(bytes, random, options);
  return bytes;
}

function changed(
  bytes: Bytes,
  random: Random,
  { others, head = 0, words = [], littleEndian }: ByteMutation,
): Bytes {
  if (bytes.length === 0) return Uint8Array.of(random.below(256));
  const place = (room = 1) => {
    const end = head > 0 && random.chance(0.5) ? Math.min(head, bytes.length) : bytes.length;
    return random.below(Math.max(1, end - room + 1));
  };
  const span = (source: Bytes) => {
    const from = random.below(source.length);
    return source.subarray(from, from + 1 + random.below(Math.min(256, source.length - from)));
  };
  const aligned = (at: number) => (random.chance(0.8) ? at & ~3 : at);
  const view = new DataView(bytes.buffer);
  switch (random.below(words.length > 0 ? 10 : 9)) {
    case 0:
      bytes[place()] ^= 1 << random.below(8);
      return bytes;
    case 1:
      bytes[place()] = random.below(256);
      return bytes;
    case 2:
    case 3: {
      if (bytes.length < 4) return bytes;
      const at = aligned(place(4));
      view.setInt32(at, random.pick([...EDGES, bytes.length, bytes.length * 4]), littleEndian);
      return bytes;
    }
    case 4: {
      if (bytes.length < 8) return bytes;
      const at = aligned(place(8));
      const far = [2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n, BigInt(bytes.length)];
      if (random.chance(0.5)) view.setBigUint64(at, random.pick(far), littleEndian);
      else
        view.setFloat64(
          at,
          random.pick([0, -1, 1e16, 1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY]),
          littleEndian,
        );
      return bytes;
    }
    case 5: {
      if (bytes.length < 4) return bytes;
      const at = aligned(place(4));
      view.setUint32(at, view.getUint32(at, littleEndian) + random.below(17) - 8, littleEndian);
      return bytes;
    }
    case 6: {
      // Shorter, or longer.
      if (random.chance(0.7)) return bytes.slice(0, place());
      const more = new Uint8Array(bytes.length + 1 + random.below(256));
      more.set(bytes);
      return more;
    }
    case 7: {
      // A span over another place, from here or from another input.
      const part = span(random.chance(0.5) ? bytes : random.pick([bytes, ...others])).slice();
      bytes.set(part.subarray(0, bytes.length), random.below(Math.max(1, bytes.length - part.length)));
      return bytes;
    }
    case 8: {
      // A span doubled, put in, or cut out.
      const at = place();
      if (random.chance(0.3)) return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(64)));
      const part = span(random.chance(0.7) ? bytes : random.pick([bytes, ...others]));
      return joined(bytes.subarray(0, at), part, bytes.subarray(at));
    }
    default: {
      const word = new TextEncoder().encode(random.pick(words));
      const at = place();
      bytes.set(word.subarray(0, bytes.length - at), at);
      return bytes;
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
