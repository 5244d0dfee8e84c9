/** Which ranks are known to compute on one card. */
import { expect, test } from 'vitest';
import type { Seat } from '../../../src/crew/api.ts';
import { cardsOf } from '../../../src/crew/cards.ts';

const seats = (...members: string[]): Seat[] =>
  members.map((member, rank) => ({ rank, row: 0, column: rank, replica: 0, member }));
const members = [
  { id: 'host', host: true, name: 'Host' },
  { id: 'ada', host: false, name: 'Ada' },
];

test('ranks of one page share its card, and then there is no other', () => {
  const cards = cardsOf(seats('host', 'host'), members, 'internet');
  expect(new Set(cards.map(({ card }) => card)).size).toBe(1);
  expect(cards[1]).toMatchObject({ rank: 1, name: 'card of this page', certain: true });
});

test('tabs of one browser share its card', () => {
  const cards = cardsOf(seats('host', 'ada', 'host'), members, 'tabs');
  expect(new Set(cards.map(({ card }) => card)).size).toBe(1);
  expect(cards[1]).toMatchObject({ name: 'card of this browser', certain: true });
});

test('of pages that came another way nobody knows', () => {
  for (const room of ['relay', 'internet', undefined] as const) {
    const cards = cardsOf(seats('host', 'ada', 'host'), members, room);
    expect(cards.map(({ card }) => card)).toEqual(['host', 'ada', 'host']);
    expect(cards.map(({ name, certain }) => [name, certain])).toEqual([
      ['card of this page', false],
      ['card of Ada', false],
      ['card of this page', false],
    ]);
  }
  expect(cardsOf(seats('host', 'gone'), members)[1].name).toBe('card of a page that left');
});

test('pages with the mark of one machine share its card, if their adapters are the same', () => {
  const machine = { version: 1, mark: 'a'.repeat(32) } as const;
  const adapter = (architecture: string) => ({
    ...{ vendor: 'nvidia', architecture, description: '', features: [] },
    ...{ maxStorageBufferBindingSize: 1, maxBufferSize: 1, software: false },
  });
  const [host, ada, bob] = [
    { id: 'host', host: true, name: 'Host', machine, adapter: adapter('ampere') },
    { id: 'ada', host: false, name: 'Ada', machine, adapter: adapter('ampere') },
    {
      id: 'bob',
      host: false,
      name: 'Bob',
      machine: { ...machine, mark: 'b'.repeat(32) },
      adapter: adapter('ampere'),
    },
  ];
  const of = (...pages: (typeof host)[]) => cardsOf(seats('host', 'ada', 'bob'), pages, 'relay');
  expect(of(host, ada, bob).map(({ card }) => card)).toEqual(['host', 'host', 'bob']);
  expect(of(host, ada, bob).map(({ name, certain }) => [name, certain])).toEqual([
    ['card of this browser', false],
    ['card of this browser', false],
    ['card of Bob', false],
  ]);
  const two = of(host, { ...ada, machine: bob.machine }, bob);
  expect(two.map(({ card, name }) => [card, name])).toEqual([
    ['host', 'card of this page'],
    ['ada', 'card of Ada, Bob'],
    ['ada', 'card of Ada, Bob'],
  ]);
  expect(of(host, { ...ada, adapter: adapter('turing') }, bob).map(({ card }) => card)).toEqual([
    'host',
    'ada',
    'bob',
  ]);
  expect(cardsOf(seats('host', 'ada'), [host, ada], 'relay')[1].certain).toBe(true);
});
