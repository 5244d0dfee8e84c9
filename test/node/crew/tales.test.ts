/** Long texts from a host to a guest: cut in parts that a room carries, and put together again. */
import { expect, test } from 'vitest';
import { readCrewMessage } from '../../../src/crew/messages.ts';
import { createListener, longestPart, mostParts, partsOf } from '../../../src/crew/tales.ts';
import { longestMessage } from '../../../src/net/room-messages.ts';

const long = Array.from({ length: 3 * longestPart - 5 }, (_, i) => (i % 10).toString()).join('');

test('a long text arrives as it was told, in messages that fit', () => {
  const listen = createListener();
  const parts = partsOf(long);
  expect(parts).toHaveLength(3);
  for (const part of parts) {
    expect(JSON.stringify(part).length).toBeLessThan(longestMessage);
    expect(readCrewMessage(part)).toEqual(part);
  }
  expect(parts.map(listen)).toEqual([undefined, undefined, long]);
  expect(partsOf('').map(listen)).toEqual(['']);
});

test('of a text that is cut off nothing is left, and parts that belong to none are passed over', () => {
  const listen = createListener();
  const [first, second] = partsOf(long);
  const [other] = partsOf('short');
  expect([second, first, other].map(listen)).toEqual([undefined, undefined, 'short']);
  expect([first, { ...second, of: 2 }].map(listen)).toEqual([undefined, undefined]);
  expect(partsOf(long).map(listen).at(-1)).toBe(long);
});

test('an answer bears the number of its question, and is not mixed with what was told', () => {
  const listen = createListener();
  const answer = partsOf(long, 7);
  for (const part of answer) expect(readCrewMessage(part)).toEqual({ ...part, answers: 7 });
  const [, second, third] = partsOf(long);
  expect([answer[0], second, third].map(listen)).toEqual([undefined, undefined, undefined]);
  expect(answer.map(listen).at(-1)).toBe(long);
});

test('nobody has to keep more than so many parts', () => {
  expect(() => partsOf('x'.repeat(mostParts * longestPart + 1))).toThrow(
    /at most 2560000 characters at once/,
  );
  const part = { type: 'tale', part: 0, of: 1, text: 'x' };
  expect(readCrewMessage(part)).toEqual(part);
  expect(readCrewMessage({ ...part, of: mostParts + 1 })).toBeUndefined();
  expect(readCrewMessage({ ...part, part: 1 })).toBeUndefined();
  expect(readCrewMessage({ ...part, text: 'x'.repeat(longestPart + 1) })).toBeUndefined();
});
