/** Ranks that do the same are computed once: as if each were computed, whatever they share. */
import { describe, expect, test } from 'vitest';
import { meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { type Plan, type PlanStep, planStep } from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { stepMs, withData } from '../../../src/simulate/data-wait.ts';
import { energyOf } from '../../../src/simulate/energy-hook.ts';
import { deviceOf, type LinkLevel, machinesOf } from '../../../src/simulate/machines.ts';
import { type SimulatedDevice, simulate, simulateGroups } from '../../../src/simulate/simulate.ts';
import { secondsOf } from '../../../src/simulate/step-seconds.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { demo } from '../models/demo-model.ts';

const plainDevice: SimulatedDevice = {
  flopsPerSecond: 1,
  bytesPerSecond: 1,
  secondsPerDispatch: 0,
  secondsPerExchange: 0,
};
const provenance = { layer: 'layer', phase: 'forward', op: 'matmul', shape: [1] } as const;
const kernel = (work: { kernel: 'product' | 'convolution' | 'pointwise'; flops: number; read: number }) =>
  planStep(
    { shader: '', params: [], operands: [], workgroups: [1, 1, 1], work: { ...work, written: 0 } },
    [],
    { label: 'work', provenance },
  );
const work = (seconds: number) => kernel({ kernel: 'product', flops: seconds, read: 0 });
const at = (bytes: number) => ({ space: 'exchange', block: 0, offset: 0, bytes });
const common = { label: '', provenance, exchange: 0, group: 'replica' };
const planOf = (...steps: PlanStep[]): Plan => ({
  steps,
  spaces: {},
  inputs: new Map(),
  outputs: new Map(),
  exchanges: 1,
});
/** All send all others so many bytes, after a second of work. */
const everyone = (ranks: number, rank: number, bytes: number): Plan => {
  const parcels = Array.from({ length: ranks }, (_, peer) => ({ peer, at: at(bytes) })).filter(
    ({ peer }) => peer !== rank,
  );
  return planOf(
    work(1),
    { kind: 'start', ...common, sends: parcels },
    { kind: 'finish', ...common, receives: parcels },
  );
};
const level = (name: string, bytesPerSecond: number, shared: LinkLevel['shared']): LinkLevel => ({
  name,
  latencySeconds: 0,
  bytesPerSecond,
  shared,
});
const one = (ranks: number, plan: Plan) => ({
  ranks: Array.from({ length: ranks }, (_, rank) => rank),
  plan,
  hash: 'all',
});

describe('lines that ranks share', () => {
  const cluster = {
    deviceOf: () => ({ ...plainDevice }),
    ranksPerHost: 2,
    within: level('inside', 100, 'pair'),
  };
  const cases = [
    // Two ranks of a host send three bytes to each of the two of the other: 12 bytes at 2 a second.
    { shared: 'host', seconds: 6 },
    // Every rank has a line of its own.
    { shared: 'rank', seconds: 3 },
    { shared: 'pair', seconds: 1.5 },
    // All four share it.
    { shared: 'all', seconds: 12 },
  ] as const;

  test.each(cases)('a line by $shared: as one group, and rank by rank', ({ shared, seconds }) => {
    const machines = machinesOf(4, { ...cluster, between: level('between', 2, shared) });
    const grouped = simulateGroups([one(4, everyone(4, 0, 3))], machines);
    expect(stepMs(grouped)).toBeCloseTo(1000 * (1 + seconds), 9);
    const plans = [0, 1, 2, 3].map(rank => everyone(4, rank, 3));
    const each = simulate(plans, machines, plans.map(String));
    // A line carries one message after the other; the last is through at the same time.
    expect(stepMs(each)).toBeCloseTo(1000 * (1 + seconds), 9);
  });

  test('ranks of a group on one device take turns, also where one of them is computed', () => {
    const device = { ...plainDevice };
    const machines = machinesOf(4, {
      ...cluster,
      deviceOf: () => device,
      between: level('between', 2, 'pair'),
    });
    expect(stepMs(simulateGroups([one(4, planOf(work(1)))], machines))).toBeCloseTo(4000, 9);
  });

  test('a rank that does not send where its group is said to is named', () => {
    const machines = machinesOf(4, { ...cluster, between: level('between', 2, 'host') });
    const send = { kind: 'start', ...common, sends: [{ peer: 1, at: at(1) }] } as const;
    const receive = { kind: 'finish', ...common, receives: [{ peer: 3, at: at(1) }] } as const;
    expect(() => simulateGroups([one(4, planOf(send, receive))], machines)).toThrow(
      'rank 3 sends over its between, and rank 0 of its group does not',
    );
  });
});

test('a mesh with copies of the demo: one rank for all is as good as all', () => {
  const shape = { rows: 2, columns: 2, replicas: 3 };
  const ranks = ranksOf(shape);
  const plans = Array.from({ length: ranks }, (_, rank) => {
    return trainingPlan(forecastJob(demo), 1, presets.demo.optimizer, { mesh: meshAt(shape, rank) }).plan;
  });
  const machines = machinesOf(ranks, {
    deviceOf: () => ({ ...plainDevice, flopsPerSecond: 1e10, bytesPerSecond: 1e9, secondsPerDispatch: 1e-5 }),
    ranksPerHost: 4,
    within: level('inside', 1e9, 'pair'),
    between: level('between', 1e8, 'host'),
  });
  const all = stepMs(simulate(plans, machines, plans.map(String)));
  const grouped = stepMs(simulateGroups([one(ranks, plans[0])], machines));
  expect(Math.abs(grouped / all - 1)).toBeLessThan(0.02);
});

describe('rates', () => {
  const peaks = { f32: 100, tf32: 800, bytesPerSecond: 10 };
  const achieved = {
    product: 0.5,
    convolution: 0.25,
    memory: 0.8,
    secondsPerDispatch: 0,
    secondsPerExchange: 0,
  };

  test('a kernel takes what its class achieves, a product as long as its bytes at least', () => {
    const device = deviceOf(peaks, 'tf32', achieved);
    const seconds = (step: ReturnType<typeof kernel>) => secondsOf(step, device);
    expect(seconds(kernel({ kernel: 'product', flops: 800, read: 0 }))).toBe(2);
    expect(seconds(kernel({ kernel: 'product', flops: 800, read: 80 }))).toBe(10);
    expect(seconds(kernel({ kernel: 'convolution', flops: 800, read: 0 }))).toBe(4);
    expect(seconds(kernel({ kernel: 'pointwise', flops: 800, read: 16 }))).toBe(2);
  });

  test('a precision without units is refused', () => {
    expect(() => deviceOf(peaks, 'f16', achieved)).toThrow(RangeError);
  });
});

describe('data', () => {
  const trace = { plan: '', rank: 0, step: 0, resolution: 0 };
  const computed = [
    { ...trace, spans: [{ lane: 'device', from: 0, to: 1, begun: 0, ended: 3000 } as const] },
  ];

  test('a step waits for a batch that is slower than it, and for its upload in any case', () => {
    const spansOf = (secondsPerBatch: number) =>
      withData(computed, { secondsPerBatch, uploadSeconds: 1 })[0].spans.map(({ lane, begun, ended }) => [
        lane,
        begun,
        ended,
      ]);
    expect(spansOf(10)).toEqual([
      ['data', 0, 6000],
      ['data', 6000, 7000],
      ['device', 7000, 10_000],
    ]);
    expect(spansOf(2)).toEqual([
      ['data', 0, 1000],
      ['device', 1000, 4000],
    ]);
  });
});

test('energy is what a model of power makes of every rank', () => {
  const groups = [one(3, planOf(work(2)))];
  const machines = machinesOf(3, {
    deviceOf: () => ({ ...plainDevice }),
    ranksPerHost: 1,
    within: level('inside', 1, 'pair'),
    between: level('between', 1, 'pair'),
  });
  const traces = simulateGroups(groups, machines);
  const busy = energyOf(groups, traces, ({ spans }) => {
    const seconds = spans.reduce((sum, { begun, ended }) => sum + (ended - begun) / 1000, 0);
    return { low: 50 * seconds, central: 100 * seconds, high: 200 * seconds };
  });
  expect(busy).toEqual({ low: 300, central: 600, high: 1200 });
});
