import { expect, test } from 'vitest';
import { createEarlyMessages } from '../../../src/net/early-messages.ts';

test('messages wait under their key, in order, and leave once', () => {
  const early = createEarlyMessages();
  const [first, second, other] = [1, 2, 3].map(bytes => new ArrayBuffer(bytes));
  early.keep('0 1', 4, first);
  early.keep('0 2', 4, other);
  early.keep('0 1', 4, second);
  expect(early.take('0 1').map(({ byteLength }) => byteLength)).toEqual([1, 2]);
  expect(early.take('0 1')).toEqual([]);
  expect(early.take('0 2')).toHaveLength(1);
});

test('no more than 64 MiB wait, and what left or was forgotten does not count', () => {
  const early = createEarlyMessages();
  const half = new ArrayBuffer(2 ** 25 - 1024);
  for (const generation of [1, 2, 3]) {
    early.forget(generation - 1);
    early.keep(`${generation} a`, generation, half);
    early.keep(`${generation} b`, generation, half);
    early.take(`${generation} b`);
  }
  early.keep('3 b', 3, half);
  expect(() => early.keep('3 c', 3, new ArrayBuffer(0))).toThrow(
    'more than 67108864 bytes for ranks that are not attached here, the last in generation 3',
  );
});
