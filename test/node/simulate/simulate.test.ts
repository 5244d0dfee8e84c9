/** A step on machines that are described by rates: small ones counted by hand, and the demo's. */
import { describe, expect, test } from 'vitest';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { type Plan, type PlanStep, planStep } from '../../../src/plan/plan.ts';
import type { Span } from '../../../src/plan/trace.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { type SimulatedDevice, type SimulatedRank, simulate } from '../../../src/simulate/simulate.ts';
import { secondsOf } from '../../../src/simulate/step-seconds.ts';
import { type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { demo } from '../models/demo-model.ts';

/** A FLOP a second, and nothing else takes time. */
const plainDevice: SimulatedDevice = {
  flopsPerSecond: 1,
  bytesPerSecond: 1,
  secondsPerDispatch: 0,
  secondsPerExchange: 0,
};
/** A second on the way, and a byte a second. */
const slowLink = { latencySeconds: 1, bytesPerSecond: 1 };
const rankOn = (device: SimulatedDevice): SimulatedRank => ({ device, linkTo: () => slowLink });

const provenance = { layer: 'layer', phase: 'forward', op: 'matmul', shape: [1] } as const;
const work = (seconds: number): PlanStep =>
  planStep(
    {
      shader: 'matmul',
      params: [],
      operands: [],
      workgroups: [1, 1, 1],
      work: { kernel: 'product', flops: seconds, read: 0, written: 0 },
    },
    [],
    { label: 'work', provenance },
  );
const block = (bytes: number) => ({ space: 'exchange', block: 0, offset: 0, bytes });
const start = (exchange: number, peer: number, bytes: number): PlanStep => ({
  kind: 'start',
  label: '',
  provenance,
  exchange,
  group: 'row',
  sends: [{ peer, at: block(bytes) }],
});
const finish = (exchange: number, peer: number, bytes: number): PlanStep => ({
  kind: 'finish',
  label: '',
  provenance,
  exchange,
  group: 'row',
  receives: [{ peer, at: block(bytes) }],
});
const planOf = (...steps: PlanStep[]): Plan => ({
  steps,
  spaces: {},
  inputs: new Map(),
  outputs: new Map(),
  exchanges: 0,
});

const hashes = (plans: readonly Plan[]) => plans.map((_, rank) => `plan ${rank}`);
const on = (plans: readonly Plan[], machines: readonly SimulatedRank[]) =>
  simulate(plans, machines, hashes(plans)).map(({ spans }) => spans);
const inSeconds = (spans: readonly Span[]) =>
  spans.map(({ lane, from, to, begun, ended, exposed = false }) => {
    const times = [begun / 1000, ended / 1000];
    return [exposed ? 'exposed' : lane, from, to, ...times];
  });

describe('counted by hand', () => {
  test('work goes on while a message travels, and waits for the slower peer', () => {
    const first = planOf(work(1), start(0, 1, 2), work(3), finish(0, 1, 4), work(1));
    const second = planOf(work(2), start(0, 0, 4), finish(0, 0, 2), work(1));
    const traces = on([first, second], [rankOn({ ...plainDevice }), rankOn({ ...plainDevice })]);
    expect(inSeconds(traces[0])).toEqual([
      ['device', 0, 1, 0, 1],
      ['device', 2, 3, 1, 4],
      // Sent at 2, 4 seconds on the line, 1 on the way.
      ['link', 1, 4, 2, 7],
      ['exposed', 3, 4, 4, 7],
      ['device', 4, 5, 7, 8],
    ]);
    expect(inSeconds(traces[1])).toEqual([
      ['device', 0, 1, 0, 2],
      ['link', 1, 3, 1, 4],
      ['exposed', 2, 3, 2, 4],
      ['device', 3, 4, 4, 5],
    ]);
  });

  test('a line carries one message after the other', () => {
    const first = planOf(start(0, 1, 2), start(1, 1, 3));
    const second = planOf(finish(0, 0, 2), finish(1, 0, 3));
    const [, spans] = on([first, second], [rankOn({ ...plainDevice }), rankOn({ ...plainDevice })]);
    expect(inSeconds(spans.filter(({ exposed }) => !exposed))).toEqual([
      ['link', 0, 1, 0, 3],
      ['link', 1, 2, 0, 6],
    ]);
  });

  test('what an exchange takes besides the line is waited for by both, the own blocks too', () => {
    const busy = { ...plainDevice, secondsPerExchange: 10 };
    const first = planOf(start(0, 1, 2), finish(0, 1, 0), work(1));
    const second = planOf(start(0, 0, 0), finish(0, 0, 2), work(1));
    const traces = on([first, second], [rankOn(busy), rankOn(plainDevice)]);
    // The own blocks have set out at 5, and those of the other came before: nobody is waited for.
    expect(inSeconds(traces[0])).toEqual([
      ['link', 0, 2, 0, 1],
      ['device', 2, 3, 5, 6],
    ]);
    // On their way from 5 on, with 2 s on the line and 1 on the way; written at 13.
    expect(inSeconds(traces[1])).toEqual([
      ['link', 0, 2, 5, 13],
      ['exposed', 1, 2, 0, 13],
      ['device', 2, 3, 13, 14],
    ]);
  });

  test('ranks that share a device get equal shares of its time while both have work', () => {
    const device = { ...plainDevice };
    const [first, second] = on([planOf(work(1)), planOf(work(3))], [rankOn(device), rankOn(device)]);
    expect(inSeconds(first)).toEqual([['device', 0, 1, 0, 2]]);
    expect(inSeconds(second)).toEqual([['device', 0, 1, 0, 4]]);
  });

  test('ranks on the cores that also carry their exchanges wait for each other with those', () => {
    const device = { ...plainDevice, sharedSecondsPerExchange: 3 };
    const first = planOf(start(0, 1, 2), finish(0, 1, 2));
    const second = planOf(work(1), start(0, 0, 2), finish(0, 0, 2));
    const [, spans] = on([first, second], [rankOn(device), rankOn(device)]);
    // Half of the device each: the work is done at 2, the first rank's exchange carried at 6, the second's at 7.
    expect(inSeconds(spans)).toEqual([
      ['device', 0, 1, 0, 2],
      ['link', 1, 3, 6, 9],
      ['exposed', 2, 3, 7, 9],
    ]);
  });

  test('a rank that waits for what nobody sends is named', () => {
    const plans = [planOf(work(1)), planOf(finish(0, 0, 4))];
    const machine = rankOn(plainDevice);
    expect(() => on(plans, [machine, machine])).toThrow('rank 1 waits at step 0 for what no peer sends');
  });

  test('traces name their plans and ranks', () => {
    const traces = simulate([planOf(work(1))], [rankOn(plainDevice)], ['abc']);
    expect(traces[0]).toMatchObject({ plan: 'abc', rank: 0, step: 0, resolution: 0 });
  });
});

describe('the demo', () => {
  const device: SimulatedDevice = {
    flopsPerSecond: 2e9,
    bytesPerSecond: 1e9,
    secondsPerDispatch: 2e-4,
    secondsPerExchange: 1e-3,
  };
  const shape = { rows: 2, columns: 2, replicas: 1 };
  const plansOf = (options: StepOptions) =>
    [0, 1, 2, 3].map(rank => {
      const mesh = meshAt(shape, rank);
      return trainingPlan(forecastJob(demo), 8, presets.demo.optimizer, { ...options, mesh }).plan;
    });
  const stepMs = (traces: readonly (readonly Span[])[]) =>
    Math.max(...traces.flat().map(({ ended }) => ended));

  test('is as busy as its kernels are long, and faster with overlap on a slow link', () => {
    const waiting = plansOf({});
    const overlapped = plansOf({ overlap: typicalMachine, microBatches: 2 });
    const link = { latencySeconds: 5e-3, bytesPerSecond: 2e7 };
    const machines = waiting.map(() => ({ device: { ...device }, linkTo: () => link }));
    const traces = on(waiting, machines);
    traces.forEach((spans, rank) => {
      const busy = spans.filter(({ lane }) => lane === 'device');
      const seconds = waiting[rank].steps.map(step =>
        step.kind === 'dispatch' ? secondsOf(step, device) : 0,
      );
      const expected = seconds.reduce((total, each) => total + each, 0);
      const total = busy.reduce((sum, { begun, ended }) => sum + ended - begun, 0) / 1000;
      expect(Math.abs(total - expected)).toBeLessThan(1e-9 * expected);
    });
    expect(stepMs(on(overlapped, machines))).toBeLessThan(0.8 * stepMs(traces));
  });
});
