import { expect, test } from 'vitest';
import { hashName, philox } from '../../../src/graph/philox.ts';
import { philoxWords } from '../../reference/philox.ts';

type Six = Parameters<typeof philox>;
const ones = 0xffffffff;

// Known answers of Random123 (kat_vectors, philox4x32 10): counter, key, words.
const published: readonly (readonly [Six, readonly number[]])[] = [
  [
    [0, 0, 0, 0, 0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [ones, ones, ones, ones, ones, ones],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test.each(published)(
  'philox(%o) gives the published words, on the host and in the reference',
  (given, words) => {
    expect(philox(...given)).toEqual(words);
    expect(philoxWords(given.slice(0, 4), given.slice(4))).toEqual(words);
  },
);

test('host and reference agree on a thousand counters and keys', () => {
  let words: readonly number[] = [1, 2, 3, 4];
  for (let i = 0; i < 1000; i++) {
    const [a, b, c, d] = words;
    const next = philox(a, b, c, d, d ^ i, a);
    expect(next).toEqual(philoxWords([a, b, c, d], [(d ^ i) >>> 0, a]));
    words = next;
  }
});

test('names hash as FNV-1a states it', () => {
  // Known answers of the FNV test suite, 32 bits.
  expect(hashName('')).toBe(0x811c9dc5);
  expect(hashName('a')).toBe(0xe40c292c);
  expect(hashName('foobar')).toBe(0xbf9cf968);
});
