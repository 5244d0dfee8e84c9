/** The energy of a run with guests: two tabs of a machine are one, a guest that leaves stays in the sum, and what is wrong is said. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Member, Seat } from '../../../src/crew/api.ts';
import { cardsOf } from '../../../src/crew/cards.ts';
import type { HashedPlan, RunEvent, RunInfo } from '../../../src/session/api/api.ts';
import { guestsOf } from '../../../src/ui/energy/guests.ts';
import { createPageEnergy, type EnergyView } from '../../../src/ui/energy/page-energy.ts';
import { placesOf } from '../../../src/ui/energy/this-machine.ts';

beforeAll(() => vi.stubGlobal('navigator', { hardwareConcurrency: 2 }));
afterAll(() => vi.unstubAllGlobals());

const adapter = (architecture: string) => ({
  ...{ vendor: 'nvidia', architecture, description: '', features: [] },
  ...{ maxStorageBufferBindingSize: 1, maxBufferSize: 1, software: false },
});
const mark = (letter: string) => ({ version: 1, mark: letter.repeat(32) }) as const;
const member = (id: string, more: Partial<Member> = {}): Member => ({
  ...{ id, name: id, host: id === 'host', status: 'admitted', ranks: [], leaving: false, gigaflops: 1 },
  adapter: adapter('ampere'),
  ...more,
});
const infoOf = (ranks: number) =>
  ({
    adapter: adapter('ampere'),
    ranks: Array.from({ length: ranks }, (_, rank) => ({ rank })),
    batch: 4,
    config: { steps: 1000, overrides: {} },
  }) as unknown as RunInfo;
const planOf = async () =>
  [
    {
      hash: 'h',
      steps: [{ kind: 'dispatch', work: { kernel: 'product', flops: 1e12, read: 1e9, written: 1e9 } }],
    },
  ] as unknown as HashedPlan[];
const metrics = {
  type: 'metrics',
  ...{ step: 1, losses: [1], learningRates: [], gradientNorms: [], samplesPerSecond: 4 },
  ...{ seconds: 1, dataMs: 0, secondsLeft: 1, gpuBusySeconds: 1 },
} as RunEvent;

/** A host with a page of each member, a rank each. */
function hosted(...members: Member[]) {
  let now = members;
  const seats = () =>
    now.map(({ id }, rank): Seat => ({ rank, row: 0, column: rank, replica: 0, member: id }));
  const cards = () => cardsOf(seats(), now, 'relay');
  const guests = () => guestsOf({ seats, members: () => now }, cards());
  let view: EnergyView | undefined;
  let shown = () => {};
  const energy = createPageEnergy({
    planOf,
    places: info => placesOf(info, {}, guests().places),
    faults: () => guests().faults,
    show: next => {
      view = next;
      shown();
    },
    failed: cause => {
      throw cause;
    },
  });
  /** Resolves when the plans have been read. */
  const seated = (goesOn: boolean) =>
    new Promise<void>(resolve => {
      shown = resolve;
      energy.event({ type: 'prepared', info: infoOf(now.length), goesOn });
    });
  const train = () => {
    energy.event({ type: 'status', status: 'running' });
    energy.event(metrics);
    energy.event({ type: 'status', status: 'paused' });
    return view!.summary!;
  };
  return {
    energy,
    seated,
    train,
    notes: () => view?.notes,
    become(...others: Member[]) {
      now = others;
    },
  };
}

test('a page of the machine of the host is on its card: counted once, with the rest of the machine', async () => {
  const ada = member('Ada', { machine: mark('a') });
  const two = hosted(member('host', { machine: mark('a') }), ada);
  await two.seated(false);
  const together = two.train();
  expect(together.machines.map(({ name, ranks }) => [name, ranks])).toEqual([['this machine', [0, 1]]]);
  expect(together.gpus).toHaveLength(1);
  // Of another machine it is another card, and its rest is counted too.
  const apart = hosted(member('host', { machine: mark('a') }), member('Ada', { machine: mark('b') }));
  await apart.seated(false);
  expect(apart.train().machines.map(({ name, ranks }) => [name, ranks])).toEqual([
    ['this machine', [0]],
    ['Ada', [1]],
  ]);
  // Two tabs of a guest's machine are one as well.
  const guests = hosted(member('host'), ada, member('Ada (2)', { machine: mark('a') }));
  await guests.seated(false);
  expect(guests.train().machines.map(({ name, ranks }) => [name, ranks])).toEqual([
    ['this machine', [0]],
    ['Ada, Ada (2)', [1, 2]],
  ]);
});

test('another adapter of the same machine is another card of it', async () => {
  const other = member('Ada', { machine: mark('a'), adapter: adapter('turing') });
  const run = hosted(member('host', { machine: mark('a') }), other);
  await run.seated(false);
  const { machines } = run.train();
  expect(machines).toHaveLength(1);
  expect(machines[0].gpus).toHaveLength(2);
});

test('a guest that leaves: the run goes on without it, and what it took stays in the sum', async () => {
  const host = member('host', { machine: mark('a') });
  const run = hosted(host, member('Ada', { machine: mark('b') }));
  await run.seated(false);
  const before = run.train();
  run.become(host);
  await run.seated(true);
  const after = run.train();
  expect(after.machines.map(({ name, ranks }) => [name, ranks])).toEqual([
    ['this machine', [0]],
    ['Ada', []],
  ]);
  expect(after.machines[1].wattHours).toEqual(before.machines[1].wattHours);
  const sum = after.machines.reduce((total, { wattHours }) => total + wattHours.central, 0);
  expect(after.wattHours.central).toBeCloseTo(sum, 12);
  expect(after.samples).toBe(2 * before.samples);
});

test('what a guest tells counts from then on, and is said; what cannot be is said with its reason', async () => {
  const host = member('host');
  const run = hosted(host, member('Ada', { machine: mark('b') }));
  await run.seated(false);
  expect(run.train().machines[1].gpus[0].evidence).toContain('class known, model not');
  run.become(
    host,
    member('Ada', { machine: { ...mark('b'), power: { gpu: { kind: 'watts', watts: 99 } } } }),
  );
  run.energy.learn();
  expect(run.notes()).toEqual([
    'Another page has told more of its power since: it is counted by that from then on.',
  ]);
  expect(run.train().machines[1].gpus[0].evidence).toContain('power: typed in');
  run.become(host, member('Ada', { machineFault: 'the power at full load is -5 W' }));
  run.energy.learn();
  expect(run.notes()).toContain('What Ada tells of its machine is left out: the power at full load is -5 W.');
});
