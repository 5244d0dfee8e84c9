import { expect, test } from 'vitest';
import { placesOf } from '../../../src/crew/places.ts';

const placed = (ranks: number[], takers: string[], before: [number, string][] = []) =>
  [...placesOf(ranks, takers, new Map(before))].sort(([a], [b]) => a - b);

test('at first everyone is seated in order, and ranks may be left over', () => {
  expect(placed([1, 2, 3], ['Ada', 'Bob'])).toEqual([
    [1, 'Ada'],
    [2, 'Bob'],
  ]);
});

test('where one is lost the others stay, and who comes takes the empty place', () => {
  const before: [number, string][] = [
    [1, 'Ada'],
    [2, 'Bob'],
    [3, 'Eve'],
  ];
  expect(placed([1, 2, 3], ['Bob', 'Eve'], before)).toEqual(before.slice(1));
  expect(placed([1, 2, 3], ['Bob', 'Eve', 'Joe'], before)).toEqual([[1, 'Joe'], ...before.slice(1)]);
});

test('a place that is not to be had any more is not kept', () => {
  expect(placed([1, 2], ['Ada'], [[3, 'Ada']])).toEqual([[1, 'Ada']]);
});
