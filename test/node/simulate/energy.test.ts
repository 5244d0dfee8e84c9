/** Energy of simulated steps, on a card with a known law: 100 W at rest, 300 W at full load. */
import { expect, test } from 'vitest';
import type { Band } from '../../../src/energy/band.ts';
import type { GpuPower } from '../../../src/energy/gpu-power.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { StepTrace } from '../../../src/plan/trace.ts';
import { energyOf, joulesUnder, simulatedLoad } from '../../../src/simulate/energy-hook.ts';

const exact = (value: number): Band => ({ low: value, central: value, high: value });
const gpu: GpuPower = {
  idle: exact(100),
  full: exact(300),
  rates: { flops: exact(1e12), bandwidth: exact(1e15) },
  kind: 'desktop',
  name: 'plain',
  evidence: 'all known',
};
const host = { watts: exact(50), pue: 1.2 };
/** Half a TFLOP. */
const plan = {
  steps: [{ kind: 'dispatch', work: { kernel: 'product', flops: 5e11, read: 0, written: 0 } }],
} as unknown as Plan;
const trace = (rank: number, ...spans: (readonly [number, number])[]): StepTrace => ({
  plan: '',
  rank,
  step: 0,
  resolution: 0,
  spans: spans.map(([begun, ended]) => ({ lane: 'device', from: 0, to: 1, begun, ended })),
});

test('a card at its peak for half of a step, and the machine around it, with what the building adds', () => {
  const load = simulatedLoad([{ trace: trace(0, [0, 500]), plan }], 1);
  expect(load).toMatchObject({ flops: 5e11, busy: exact(0.5) });
  expect(joulesUnder(load, gpu, host).central).toBeCloseTo(1.2 * (100 + 200 * 0.5 + 50), 9);
});

test('ranks on one card have its time together, and rest once', () => {
  const both = [trace(0, [0, 500]), trace(1, [250, 1000])].map(each => ({ trace: each, plan }));
  const load = simulatedLoad(both, 2);
  expect(load).toMatchObject({ flops: 1e12, busy: exact(0.5) });
  expect(joulesUnder(load, gpu, host).central).toBeCloseTo(2 * 1.2 * (100 + 200 * 0.5 + 50), 9);
});

test('every rank of a group counts, and a rank that is done waits for the slowest', () => {
  const groups = [
    { ranks: [0, 1, 2], plan, hash: '' },
    { ranks: [3], plan, hash: '' },
  ];
  const asked: number[] = [];
  const joules = energyOf(groups, [trace(0, [0, 500]), trace(3, [0, 2000])], (_, __, seconds) => {
    asked.push(seconds);
    return exact(1);
  });
  expect(asked).toEqual([2, 2]);
  expect(joules).toEqual(exact(4));
});
