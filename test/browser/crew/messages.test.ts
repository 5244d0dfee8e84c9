/** What other pages say is taken only as far as it can be meant. */
import { expect, test } from 'vitest';
import { readAbout, readCrewMessage } from '../../../src/crew/messages.ts';

const [ada, bob] = ['Ada'.padEnd(20, '0'), 'Bob'.padEnd(20, '0')];
const seat = {
  type: 'seat',
  generation: 3,
  mesh: { rows: 1, columns: 2, replicas: 1 },
  members: [ada, bob],
  anew: false,
};

test('a seat is read as it was sent', () => {
  expect(readCrewMessage(seat)).toEqual(seat);
  expect(readCrewMessage({ ...seat, silenceMs: 5000, more: 1 })).toEqual({ ...seat, silenceMs: 5000 });
});

test.each([
  ['a mesh of more ranks than pages', { mesh: { rows: 2, columns: 2, replicas: 1 } }],
  ['a mesh without rows', { mesh: { rows: 0, columns: 2, replicas: 1 } }],
  ['a page that is none', { members: [ada, 'Bob'] }],
  ['a generation below the first', { generation: 0 }],
  ['a silence that is no number', { silenceMs: '5 s' }],
  ['another type', { type: 'sit' }],
])('%s is no seat', (_, change) => {
  expect(readCrewMessage({ ...seat, ...change })).toBeUndefined();
});

test.each([null, 'seat', 7, [], {}])('%j is no message', value => {
  expect(readCrewMessage(value)).toBeUndefined();
});

test('reasons and lists are bounded', () => {
  const seated = { type: 'seated', generation: 1, fault: 'no connection came about' };
  expect(readCrewMessage(seated)).toEqual(seated);
  expect(readCrewMessage({ ...seated, fault: 'x'.repeat(501) })).toBeUndefined();
  const state = { status: 'running', step: 1, steps: 2, preset: 'tiny', rankBytes: [1, 2] };
  expect(readCrewMessage({ type: 'run', state })).toEqual({ type: 'run', state });
  const rankBytes = new Array(1025).fill(1);
  expect(readCrewMessage({ type: 'run', state: { ...state, rankBytes } })).toBeUndefined();
});

test('a page describes its adapter and its speed, or is not understood', () => {
  const adapter = {
    vendor: 'v',
    architecture: 'a',
    description: 'd',
    features: ['subgroups'],
    maxStorageBufferBindingSize: 2 ** 31,
    maxBufferSize: 2 ** 31,
    software: false,
  };
  const about = { adapter, gigaflops: 12 };
  expect(readAbout({ ...about, more: true })).toEqual(about);
  expect(readAbout({ ...about, gigaflops: -1 })).toBeUndefined();
  expect(readAbout({ ...about, adapter: { ...adapter, vendor: 7 } })).toBeUndefined();
  expect(readAbout(null)).toBeUndefined();
});
