import { describe, expect, test } from 'vitest';
import { type AssemblerLimits, createAssembler, frames } from '../../../src/net/assemble.ts';
import { createBufferPool } from '../../../src/net/buffer-pool.ts';
import { checksumOf, type FrameHeader, PART_BYTES, readHeader } from '../../../src/net/frame.ts';
import { FrameError } from '../../../src/net/frame-error.ts';
import { faultOf, messageOf } from './messages.ts';

const odd = [0, 1, 3, 4, 1023, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 5];

/** The frames of a message as they arrive: each in a buffer of its own. */
function partsOf(bytes: number, sequence = 0, identity: Partial<FrameHeader> = {}): ArrayBuffer[] {
  return Array.from(frames(messageOf(bytes, sequence + 1, identity), sequence), part => part.slice().buffer);
}

function receiver(limits?: Partial<AssemblerLimits>) {
  const messages: ArrayBuffer[] = [];
  const pool = createBufferPool();
  const assembler = createAssembler(message => messages.push(message), pool, limits);
  const take = (frame: ArrayBuffer) => assembler.accept(frame, readHeader(frame));
  /** Of messages of these sizes, in the order sent. */
  const faults = (sizes: number[]) => sizes.map((bytes, i) => faultOf(messages[i], bytes, i + 1));
  return { take, messages, faults, pool, assembler };
}

describe('parts and messages', () => {
  test.each(odd)('a message of %i bytes comes out equal', bytes => {
    const { take, messages, faults } = receiver();
    const parts = partsOf(bytes);
    expect(parts).toHaveLength(Math.max(1, Math.ceil(bytes / PART_BYTES)));
    parts.forEach(take);
    expect(messages).toHaveLength(1);
    expect(faults([bytes])).toEqual([undefined]);
    expect(readHeader(messages[0])).toMatchObject({
      flags: 3,
      plan: 0xfedcba98,
      step: 7,
      total: bytes,
      part: { index: 0, bytes },
    });
  });

  test.each(odd.filter(bytes => bytes > PART_BYTES))(
    'a message of %i bytes is cut into equal parts',
    bytes => {
      const sizes = partsOf(bytes).map(part => readHeader(part).part.bytes);
      const last = sizes.pop()!;
      expect(new Set(sizes).size).toBe(1);
      expect(sizes[0] % 4).toBe(0);
      expect(sizes[0] - last).toBeGreaterThanOrEqual(0);
      expect(sizes[0] - last).toBeLessThan(4 * (sizes.length + 1));
    },
  );

  test('parts that overtake each other leave in the order sent', () => {
    const { take, messages, faults } = receiver();
    const sizes = [3 * PART_BYTES, 5, 2 * PART_BYTES + 1, 0];
    const parts = sizes.flatMap((bytes, sequence) => partsOf(bytes, sequence));
    for (const part of [...parts].reverse()) take(part);
    expect(messages).toHaveLength(sizes.length);
    expect(faults(sizes)).toEqual(sizes.map(() => undefined));
  });

  test('pairs of ranks and generations are apart: one does not wait for another', () => {
    const { take, messages } = receiver();
    take(partsOf(8, 1)[0]);
    take(partsOf(8, 0, { from: 2 })[0]);
    take(partsOf(8, 0, { generation: 1 })[0]);
    expect(messages.map(message => readHeader(message))).toMatchObject([{ from: 2 }, { generation: 1 }]);
  });

  test('a message just before the first is an old one, not one far ahead', () => {
    const { take } = receiver({ messagesAhead: 2 ** 32 });
    expect(() => take(partsOf(4, 2 ** 32 - 1)[0])).toThrow('came twice');
  });

  test('a message is made in the buffer of one that was sent', () => {
    const { take, messages, pool } = receiver();
    const sent = messageOf(PART_BYTES + 4, 9);
    pool.give(sent);
    partsOf(PART_BYTES + 4).forEach(take);
    // A boolean, since the difference of two such buffers takes minutes to print.
    expect(messages[0] === sent).toBe(true);
  });
});

describe('what cannot be is refused', () => {
  test('a part in place of a message', () => {
    expect(() => [...frames(partsOf(2 * PART_BYTES)[1], 0)]).toThrow('a whole message');
  });

  test('bytes that are no frame, and too few', () => {
    const { take } = receiver();
    expect(() => take(new ArrayBuffer(100))).toThrow('no frame of Isobar');
    expect(() => take(new ArrayBuffer(20))).toThrow('a frame of 20 bytes');
  });

  test('another wire version, unknown kinds', () => {
    const { take } = receiver();
    const [version] = partsOf(4);
    new DataView(version).setUint16(4, 9, true);
    expect(() => take(version)).toThrow('wire version 9');
    const [kind] = partsOf(4);
    new DataView(kind).setUint8(6, 77);
    expect(() => take(kind)).toThrow('unknown kind 77');
  });

  test('a length that the header does not announce', () => {
    const { take } = receiver();
    expect(() => take(partsOf(9)[0].slice(0, -1))).toThrow('announces 57');
  });

  test.each([9, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 7])(
    'a byte changed on the way, in any part of a message of %i',
    bytes => {
      for (const [index, part] of partsOf(bytes).entries()) {
        const { take } = receiver();
        partsOf(bytes).slice(0, index).forEach(take);
        new Uint8Array(part)[part.byteLength - 1] ^= 1;
        expect(() => take(part)).toThrow('a frame whose bytes changed on the way');
      }
    },
  );

  test('a part beyond the message, or of another size than its place has', () => {
    const { take } = receiver();
    const [beyond] = partsOf(9);
    new DataView(beyond).setUint32(32, 1, true);
    expect(() => take(beyond)).toThrow('part 1 is out of bounds');
    const [short] = partsOf(9);
    new DataView(short).setUint32(28, 10, true);
    expect(() => take(short)).toThrow('10 were expected');
  });

  test('a part that comes twice, in a message under way or delivered', () => {
    const { take } = receiver();
    const [first, second] = partsOf(PART_BYTES + 1);
    take(first);
    expect(() => take(first)).toThrow('part 0 of message 0 came twice');
    take(second);
    expect(() => take(first)).toThrow('part 0 of message 0 came twice');
  });

  test('parts that disagree on the size of their message', () => {
    const { take } = receiver();
    take(partsOf(2 * PART_BYTES)[0]);
    expect(() => take(partsOf(2 * PART_BYTES + 4)[1])).toThrow('disagree on its size');
  });

  test('a message that is too large, before anything is allocated for it', () => {
    const { take } = receiver();
    const [part] = partsOf(PART_BYTES + 1);
    new DataView(part).setUint32(28, 2 ** 31, true);
    expect(() => take(part)).toThrow(
      new FrameError('a message of 2147483648 bytes; at most 268435456 are taken'),
    );
  });

  test('too much that is incomplete, too far ahead, too many streams', () => {
    const bytes = receiver({ heldBytes: 3 * PART_BYTES });
    bytes.take(partsOf(2 * PART_BYTES)[0]);
    expect(() => bytes.take(partsOf(2 * PART_BYTES, 1)[0])).toThrow('incomplete');
    const ahead = receiver({ messagesAhead: 2 });
    expect(() => ahead.take(partsOf(4, 3)[0])).toThrow('message 3 while 0 is awaited');
    const streams = receiver({ streams: 1 });
    streams.take(partsOf(4)[0]);
    expect(() => streams.take(partsOf(4, 0, { from: 5 })[0])).toThrow('more than 1 pairs');
  });

  test('what a generation held is given back, and only that', () => {
    const { take, assembler, messages } = receiver({ heldBytes: 4 * PART_BYTES });
    const [first, second] = partsOf(2 * PART_BYTES, 0, { generation: 1 });
    take(first);
    take(partsOf(2 * PART_BYTES)[0]);
    assembler.forget(0);
    partsOf(PART_BYTES + 1, 0, { from: 3, generation: 2 })
      .slice(0, 1)
      .forEach(take);
    take(second);
    expect(messages).toHaveLength(1);
  });
});

describe('a checksum', () => {
  const bytes = 75;
  const changed = (change: (payload: Uint8Array) => void) => {
    const payload = Uint8Array.from({ length: bytes }, (_, i) => i + 1);
    change(payload);
    return checksumOf(payload);
  };
  const unchanged = changed(() => {});

  test('tells a change of any bit', () => {
    for (let at = 0; at < bytes; at++) {
      for (let bit = 0; bit < 8; bit++) {
        expect(changed(payload => (payload[at] ^= 1 << bit))).not.toBe(unchanged);
      }
    }
  });

  test('tells words that have changed places, and bytes of the tail', () => {
    const words = bytes >>> 2;
    for (let one = 0; one < words; one++) {
      for (let other = one + 1; other < words; other++) {
        const swapped = changed(payload => {
          const word = payload.slice(4 * one, 4 * one + 4);
          payload.copyWithin(4 * one, 4 * other, 4 * other + 4);
          payload.set(word, 4 * other);
        });
        expect(swapped).not.toBe(unchanged);
      }
    }
    expect(changed(payload => payload.subarray(72).reverse())).not.toBe(unchanged);
  });

  test('of a block that is longer by zeros is another, where they fill a word', () => {
    const short = Uint8Array.from([1, 2, 3, 4]);
    const long = Uint8Array.from([...short, 0, 0, 0, 0]);
    expect(checksumOf(long)).not.toBe(checksumOf(short));
  });
});
