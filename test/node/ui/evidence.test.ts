/** What a browser may say of the machine's load and battery: taken where it is offered, done without where it is not. */
import { expect, test } from 'vitest';
import { machinesOf } from '../../../src/energy/machines.ts';
import { recognise } from '../../../src/energy/recognise.ts';
import { usualSettings } from '../../../src/energy/settings.ts';
import {
  batteryHere,
  type Pressure,
  type PressureRecord,
  watchPressure,
} from '../../../src/ui/energy/evidence.ts';

test('compute pressure is a band of what is in use of the processor; what is no state is passed over', async () => {
  let told: (records: readonly PressureRecord[]) => void = () => {};
  class Observer {
    constructor(listener: typeof told) {
      told = listener;
    }
    observe = async () => {};
  }
  const heard: Pressure[] = [];
  watchPressure(pressure => heard.push(pressure), Observer);
  told([{ source: 'cpu', state: 'fair' }]);
  told([
    { source: 'cpu', state: 'fair' },
    { source: 'cpu', state: 'critical' },
  ]);
  told([{ source: 'cpu', state: 'on fire' }]);
  told([]);
  expect(heard.map(({ state }) => state)).toEqual(['fair', 'critical']);
  expect(heard[1].inUse).toEqual({ low: 0.85, central: 0.95, high: 1 });
});

test('where it is not offered, or a policy forbids it, nothing is heard and nothing thrown', async () => {
  const heard: Pressure[] = [];
  watchPressure(pressure => heard.push(pressure), undefined);
  class Forbidden {
    observe = () => Promise.reject(new Error('Access to the feature "compute pressure" is disallowed'));
  }
  watchPressure(pressure => heard.push(pressure), Forbidden);
  await Promise.resolve();
  expect(heard).toEqual([]);
});

test('a battery is certain where it is not full or not charging', async () => {
  const from = (charging: boolean, level: number) =>
    batteryHere({ getBattery: async () => ({ charging, level }) });
  expect(await from(false, 0.4)).toBe(true);
  expect(await from(true, 0.7)).toBe(true);
  // A desktop says the same.
  expect(await from(true, 1)).toBeUndefined();
  expect(await batteryHere({})).toBeUndefined();
  expect(await batteryHere({ getBattery: () => Promise.reject(new Error('not allowed')) })).toBeUndefined();
});

test('a battery narrows a class to GPUs of laptops, and the rest of the machine to that of one', () => {
  const clues = { vendor: 'nvidia', architecture: 'ampere' };
  const [without, carried] = [recognise(clues), recognise({ ...clues, hasBattery: true })];
  expect(new Set(without.rows.map(({ kind }) => kind))).toContain('desktop');
  expect(new Set(carried.rows.map(({ kind }) => kind))).toEqual(new Set(['laptop']));
  expect(carried.notes.join()).toMatch(
    /The machine has a battery: that rules out \d+ models of machines without\./,
  );
  // A card outside of the case is what it says it is.
  const named = { ...clues, description: 'NVIDIA GeForce RTX 3090', hasBattery: true };
  expect(recognise(named)).toMatchObject({ kind: 'model', name: 'GeForce RTX 3090', notes: [] });
  const host = (hasBattery: boolean) => {
    const place = { rank: 0, host: 'here', clues: { software: true, hasBattery }, threads: 8 };
    return machinesOf([place], usualSettings).hosts.get('here')!.watts;
  };
  expect(host(true)).toEqual({ low: 6, central: 15, high: 40 });
  expect(host(false).high).toBe(100);
});
