/** What pages tell of their machines: read as it was told, refused in words where it cannot be, and counted by. */
import { describe, expect, test } from 'vitest';
import { powerUnder } from '../../../src/energy/load.ts';
import { machinesOf, type PlaceOfRank } from '../../../src/energy/machines.ts';
import { usualSettings } from '../../../src/energy/settings.ts';
import { readToldMachine, type SaidPower, toldVersion } from '../../../src/energy/told-machine.ts';

const mark = '0123456789abcdef'.repeat(2);
const exact = (value: number) => ({ low: value, central: value, high: value });
const wall: SaidPower = {
  gpu: { kind: 'wall', idleWatts: 40, loadWatts: 240, activity: exact(0.5) },
  renderer: 'NVIDIA GeForce RTX 3060',
  hasBattery: true,
  threads: 16,
  hostWatts: 0,
  processor: 0.65,
};
const told = (power: unknown) => ({ version: toldVersion, mark, power });

test('is read as it was told, and nothing else of it', () => {
  expect(readToldMachine({ ...told(wall), more: 1 })).toEqual(told(wall));
  expect(readToldMachine({ version: toldVersion })).toEqual({ version: toldVersion });
  expect(readToldMachine(JSON.parse(JSON.stringify(told(wall))))).toEqual(told(wall));
});

test.each([
  [
    'a power below none',
    { gpu: { kind: 'watts', watts: -5 } },
    'the power at full load is -5 W; it must be a number from 0.1 to 20000',
  ],
  [
    'a power beyond all',
    { gpu: { kind: 'watts', watts: 1e9 } },
    'the power at full load is 1000000000 W; it must be a number from 0.1 to 20000',
  ],
  [
    'no number',
    { gpu: { kind: 'watts', watts: null } },
    'the power at full load is no number of W; it must be a number from 0.1 to 20000',
  ],
  ['a rest beyond all', { gpu: { kind: 'watts', watts: 5, idle: 1e9 } }, 'the power at rest is 1000000000 W'],
  ['a meter beyond all', { gpu: { ...wall.gpu, loadWatts: 1e6 } }, 'the reading while training is 1000000 W'],
  [
    'a load that is no band',
    { gpu: { ...wall.gpu, activity: { low: 0.9, central: 0.5, high: 0.1 } } },
    'the load at which the wall meter was read is no band',
  ],
  ['another choice', { gpu: { kind: 'nuclear' } }, 'power.gpu.kind: Invalid'],
  ['threads beyond all', { ...wall, threads: 1e6 }, 'power.threads: Invalid'],
  ['a share beyond all', { ...wall, processor: 7 }, 'power.processor: Invalid'],
  ['a name without end', { ...wall, renderer: 'x'.repeat(301) }, 'power.renderer: Invalid'],
])('%s is refused in words', (_, power, words) => {
  expect(readToldMachine(told(power))).toContain(words);
});

test('other versions, other marks, and what is nothing of it', () => {
  expect(readToldMachine({ version: 2, power: 7 })).toBe(
    'its page tells it in version 2; this page knows version 1',
  );
  expect(readToldMachine({ version: toldVersion, mark: 'Ada' })).toContain('mark: Invalid');
  for (const value of [null, undefined, 7, [], 'machine', {}])
    expect(readToldMachine(value)).toEqual(expect.any(String));
});

describe('the machines of a run', () => {
  const ampere = { vendor: 'nvidia', architecture: 'ampere', description: '' };
  const own: PlaceOfRank = { rank: 0, host: 'here', clues: { software: true }, threads: 2 };
  const ada = (rank: number, said?: SaidPower): PlaceOfRank => ({
    ...{ rank, host: mark, clues: ampere, name: 'Ada' },
    ...(said && { said }),
  });

  test('what a page says narrows what its adapter tells: the model, the battery, the power', () => {
    const of = (said?: SaidPower) => machinesOf([own, ada(1, said)], usualSettings);
    expect(of().cards[1].gpu.evidence).toContain('class known, model not');
    const named = of({ gpu: { kind: 'recognised' }, renderer: wall.renderer });
    expect(named.cards[1].gpu).toMatchObject({ name: 'GeForce RTX 3060' });
    const typed = of({ gpu: { kind: 'watts', watts: 120 }, hostWatts: 33 });
    expect(typed.cards[1].gpu.full.central).toBe(120);
    expect(typed.hosts.get(mark)?.watts).toEqual(exact(33));
    expect(of({ gpu: { kind: 'row', name: 'M4 Max' } }).cards[1].gpu.name).toBe('M4 Max');
    const read = of(wall);
    expect(read.cards[1].gpu.evidence).toContain('calibrated with a wall meter');
    expect(read.hosts.get(mark)?.watts).toEqual(exact(0));
    expect(read.processors.get(mark)).toBe(0.65);
    expect(read.names.get(mark)).toBe('Ada');
    expect(of({ gpu: { kind: 'recognised' }, hasBattery: true }).hosts.get(mark)?.watts.high).toBe(40);
    // Whatever a guest says, the machine of the page is what its own user has said.
    expect(read.cards[0]).toEqual(of().cards[0]);
    expect(read.names.has('here')).toBe(false);
  });

  test('what makes no sense is left out with the reason, and the rest counts', () => {
    const { cards, notes } = machinesOf(
      [own, ada(1, { gpu: { kind: 'row', name: 'Voodoo 2' } })],
      usualSettings,
    );
    expect(cards[1].gpu.evidence).toContain('class known, model not');
    expect(notes).toEqual([
      expect.stringMatching(/^Ada: what its page says of its power is left out\. No GPU named "Voodoo 2"/),
    ]);
    const endless = { ...wall.gpu, idleWatts: 1, loadWatts: 19_000, activity: exact(0.02) };
    expect(machinesOf([own, ada(1, { gpu: endless })], usualSettings).notes[0]).toContain(
      'W at full load, more than 20000 W',
    );
  });

  test('a reading of next to no load leaves a power that a machine may have', () => {
    const activity = { low: 1e-12, central: 0.5, high: 1 };
    const said: SaidPower = { gpu: { kind: 'wall', idleWatts: 40, loadWatts: 240, activity } };
    const [, { gpu }] = machinesOf([own, ada(1, said)], usualSettings).cards;
    const load = { seconds: 1, flops: 1e12, bytes: 1e9, busy: exact(1) };
    expect(powerUnder(load, gpu).high).toBe(20_000);
    expect(gpu.full.high).toBe(20_000);
  });

  test('two pages of one machine are one card, whichever of them says something', () => {
    const two = machinesOf([own, ada(1), { ...ada(2, wall), name: 'Ada (2)' }], usualSettings);
    expect(two.cards).toHaveLength(2);
    expect(two.cards[1].gpu.evidence).toContain('calibrated with a wall meter');
    expect(two.cardOf.get(1)).toBe(two.cardOf.get(2));
    expect(two.names.get(mark)).toBe('Ada, Ada (2)');
    expect([...two.hosts.keys()]).toEqual(['here', mark]);
  });
});
