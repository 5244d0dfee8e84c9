import { expect, test } from 'vitest';
import { bytes, count } from '../../../src/io/number-text.ts';
import { duration, fieldNumber, leadTime, metric } from '../../../src/show/format.ts';

test('thousands are apart by a narrow space that does not break', () => {
  expect(count(999)).toBe('999');
  expect(count(2332)).toBe('2\u202f332');
  expect(count(1_234_567.4)).toBe('1\u202f234\u202f567');
  expect(fieldNumber(54_123)).toBe('54\u202f123');
  expect(fieldNumber(-5412.25, 5)).toBe('−5\u202f412.3');
});

test('a number stays with its unit', () => {
  expect(bytes(10)).toBe('10\u00a0B');
  expect(bytes(3.2 * 2 ** 30)).toBe('3.2\u00a0GiB');
  expect(bytes(500 * 2 ** 20)).toBe('500\u00a0MiB');
  expect(fieldNumber(2.1e-5, 2)).toBe('2.1\u00a0×\u00a010⁻⁵');
  expect(metric(63.97e12)).toBe('63.97\u00a0T');
  expect(metric(12)).toBe('12');
  expect(duration(80)).toBe('1\u00a0min\u00a020\u00a0s');
  expect(duration(7)).toBe('7\u00a0s');
  expect(duration(0)).toBe('0\u00a0s');
  expect(duration(60)).toBe('1\u00a0min');
  expect(duration(3600 + 5)).toBe('1\u00a0h');
  expect(duration(3 * 3600 + 60)).toBe('3\u00a0h\u00a01\u00a0min');
  expect(leadTime(6)).toBe('6\u00a0h');
  expect(leadTime(72)).toBe('3\u00a0d');
});
