import { expect, test } from 'vitest';
import { givesWay, type Hello, readMessage } from '../../../src/net/room-messages.ts';
import { metered } from '../../fuzz/meter.ts';

const hello: Hello = {
  type: 'hello',
  role: 'host',
  name: 'Ada',
  about: null,
  startedAt: 1000,
  guests: 0,
  term: 0,
};

test.for([
  hello,
  { type: 'roster', ids: ['a'.repeat(20)] },
  { type: 'refuse', reason: 'full' },
  { type: 'beat' },
  { type: 'bye' },
  { type: 'data', body: { any: ['thing', 1, null] } },
])('a message of the kind is read as it is: $type', message => {
  expect(readMessage(message)).toEqual(message);
});

const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

test.for([
  [undefined, /message/],
  [null, /message/],
  ['beat', /message/],
  [{ type: 'dance' }, /type/],
  [{ ...hello, role: 'king' }, /role/],
  [{ ...hello, name: '' }, /name/],
  [{ ...hello, name: 'x'.repeat(81) }, /name/],
  [{ ...hello, about: 'x'.repeat(17_000) }, /about: more than 16384 characters/],
  [{ ...hello, about: undefined }, /about/],
  [{ ...hello, startedAt: Number.NaN }, /startedAt/],
  [{ ...hello, guests: -1 }, /guests/],
  [{ ...hello, term: -1 }, /term/],
  [{ ...hello, host: 'short' }, /host/],
  [{ type: 'roster', ids: ['short'] }, /ids\.0/],
  [{ type: 'roster', ids: Array(65).fill('a'.repeat(20)) }, /ids/],
  [{ type: 'refuse', reason: 'x'.repeat(501) }, /reason/],
  [{ type: 'data' }, /body/],
  [{ type: 'data', body: 'x'.repeat(70_000) }, /body: more than 61440 characters/],
  // As many brackets as a message may have: more than what recurses can follow.
  [{ type: 'data', body: nested(30_000) }, /body: .* more than 64 deep/],
  [{ ...hello, about: nested(3000) }, /about: .* more than 64 deep/],
] as const)('anything else is refused with words: %#', ([message, words]) => {
  expect(readMessage(message)).toMatch(words);
});

test('of a long list only the first fault is told, and kept', async () => {
  const ids = Array<number>(100_000).fill(1);
  const { bytes } = await metered(() => readMessage({ type: 'roster', ids }), 0);
  expect(bytes).toBeLessThan(16 * 2 ** 20);
  expect(readMessage({ type: 'roster', ids })).toMatch(/^ids\.0: /);
});

test('of two hosts exactly one gives way: without guests, then replaced, then later, then of the larger id', () => {
  const later = { ...hello, startedAt: 2000 };
  const laterButBusy = { ...later, guests: 2 };
  const pairs: [Hello, string, Hello, string][] = [
    [hello, 'a', later, 'b'],
    [laterButBusy, 'a', hello, 'b'],
    [hello, 'a', hello, 'b'],
    [{ ...hello, guests: 3 }, 'a', laterButBusy, 'b'],
    [{ ...later, term: 1 }, 'a', hello, 'b'],
    [laterButBusy, 'a', { ...hello, term: 1 }, 'b'],
  ];
  for (const [winner, winnerId, loser, loserId] of pairs) {
    expect(givesWay(winner, winnerId, loser, loserId)).toBe(false);
    expect(givesWay(loser, loserId, winner, winnerId)).toBe(true);
  }
});
