/** The mark by which pages of one browser find that they are on one machine: the same in one room, another in the next. */
import { expect, test } from 'vitest';
import { type MarkStore, machineMark } from '../../../src/crew/machine-mark.ts';
import { createRoster } from '../../../src/crew/roster.ts';
import { readToldMachine, type ToldMachine, toldVersion } from '../../../src/energy/told-machine.ts';

function browser(): { readonly kept: Map<string, string>; readonly storage: () => MarkStore } {
  const kept = new Map<string, string>();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  return { kept, storage: () => store };
}

test('two pages of a browser have one mark in a room; other rooms and other browsers have another', async () => {
  const [one, other] = [browser(), browser()];
  const mark = await machineMark('room', one.storage);
  expect(mark).toMatch(/^[0-9a-f]{32}$/);
  expect(await machineMark('room', one.storage)).toBe(mark);
  expect(await machineMark('next', one.storage)).not.toBe(mark);
  expect(await machineMark('room', other.storage)).not.toBe(mark);
  // What the browser keeps is told to nobody.
  expect([...one.kept.values()]).not.toContain(mark);
});

test('what is kept and is no number is drawn anew; a browser that keeps nothing has no mark', async () => {
  const { kept, storage } = browser();
  await machineMark('room', storage);
  const [key] = kept.keys();
  kept.set(key, 'Ada');
  expect(await machineMark('room', storage)).toMatch(/^[0-9a-f]{32}$/);
  expect(kept.get(key)).toMatch(/^[0-9a-f]{32}$/);
  const forbidden = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  expect(await machineMark('room', forbidden)).toBeUndefined();
});

test('the roster keeps what a guest told of its machine, also when it says hello anew; what cannot be is not taken', () => {
  const roster = createRoster('host', 'Host');
  const about = {
    adapter: {
      ...{ vendor: 'v', architecture: 'a', description: '', features: [] },
      ...{ maxStorageBufferBindingSize: 1, maxBufferSize: 1, software: false },
    },
    gigaflops: 1,
  };
  const ada = { id: 'ada', role: 'guest', name: 'Ada', about } as const;
  roster.note(ada);
  const told: ToldMachine = { version: toldVersion, mark: 'a'.repeat(32) };
  expect(roster.learn('ada', told)).toBe(true);
  expect(roster.learn('ada', { ...told })).toBe(false);
  roster.note(ada);
  expect(roster.get('ada')?.machine).toEqual(told);
  const absurd = readToldMachine({ ...told, power: { gpu: { kind: 'watts', watts: -5 } } });
  expect(roster.learn('ada', absurd)).toBe(true);
  expect(roster.learn('ada', absurd)).toBe(false);
  expect(roster.get('ada')).toMatchObject({
    machine: told,
    machineFault: 'the power at full load is -5 W; it must be a number from 0.1 to 20000',
  });
  expect(roster.learn('ada', told)).toBe(true);
  expect(roster.get('ada')?.machineFault).toBeUndefined();
});
