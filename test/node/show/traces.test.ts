/** Traces as people see them: Chrome's format, and the tracks of the browser's performance panel. */
import { afterEach, expect, test, vi } from 'vitest';
import { hashOf } from '../../../src/plan/hash.ts';
import type { Plan, PlanStep } from '../../../src/plan/plan.ts';
import type { StepTrace } from '../../../src/plan/trace.ts';
import { chromeTrace } from '../../../src/show/chrome-trace.ts';
import { performanceTrack } from '../../../src/ui/performance-track.ts';
import { createPlanBook } from '../../../src/ui/plan-book.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const kernel = (shader: string, layer: string): PlanStep => ({
  ...{
    kind: 'dispatch',
    label: shader,
    shader,
    constants: {},
    params: [],
    operands: [],
    workgroups: [1, 1, 1],
  },
  work: { kernel: 'product', flops: 3e6, read: 1e6, written: 5e5 },
  provenance: { layer, phase: 'forward', op: 'matmul', shape: [2, 128] },
});
const place = { space: 'arena', block: 0, offset: 0, bytes: 4000 };
const exchange = { label: 'swap', exchange: 0, group: 'row' };
const provenance = { layer: 'blocks.0', phase: 'forward', op: 'swap', shape: [1000] } as const;
const steps: PlanStep[] = [
  kernel('matmul', 'blocks.0'),
  { kind: 'start', ...exchange, provenance, sends: [{ peer: 1, at: place }] },
  kernel('sum', 'blocks.0'),
  { kind: 'finish', ...exchange, provenance, receives: [{ peer: 1, at: place }] },
  kernel('norm', 'blocks.1'),
];
const plan: Plan = { steps, spaces: {}, inputs: new Map(), outputs: new Map(), exchanges: 1 };

const trace: StepTrace = {
  plan: hashOf(plan),
  rank: 0,
  step: 8,
  resolution: 0.1,
  spans: [
    { lane: 'data', from: 0, to: 0, begun: 10, ended: 10.5 },
    { lane: 'device', from: 0, to: 1, begun: 11, ended: 12 },
    { lane: 'device', from: 2, to: 3, begun: 12, ended: 14 },
    { lane: 'device', from: 4, to: 5, begun: 16, ended: 19 },
    { lane: 'link', peer: 1, from: 1, to: 4, begun: 12.5, ended: 14, exposed: false },
    { lane: 'link', peer: 1, from: 1, to: 4, begun: 14, ended: 16, exposed: true },
  ],
};

test('a Chrome trace has lanes, slices in microseconds, and what each was', () => {
  const { traceEvents } = chromeTrace([trace], hash => (hash === trace.plan ? steps : undefined));
  const names = traceEvents.flatMap(event =>
    event.ph === 'M' && 'name' in event.args ? [event.args.name] : [],
  );
  expect(names).toEqual(['rank 0', 'steps', 'device', 'data', 'link to rank 1']);
  const slices = traceEvents.flatMap(event => (event.ph === 'X' ? [event] : []));
  expect(slices.map(({ name, cat, ts, dur }) => [cat, name, ts, dur])).toEqual([
    ['step', 'step 8', 10_000, 9000],
    ['layer', 'forward blocks.0', 11_000, 3000],
    ['layer', 'forward blocks.1', 16_000, 3000],
    ['data', 'batch', 10_000, 500],
    ['device', 'matmul', 11_000, 1000],
    ['device', 'sum', 12_000, 2000],
    ['device', 'norm', 16_000, 3000],
    ['link', 'swap hidden', 12_500, 1500],
    ['link', 'swap exposed', 14_000, 2000],
  ]);
  // 3 MFLOP and 1.5 MB in a millisecond.
  expect(slices[4].args).toMatchObject({
    op: 'matmul',
    shape: '2 x 128',
    'GFLOP/s': 3,
    'GB/s': 1.5,
    step: 8,
  });
  expect(slices[7].args).toMatchObject({ bytesSent: 4000, group: 'row', exposed: 'false' });
  // Lanes of a rank have numbers of their own, and nothing lies in that of another.
  expect(new Set(slices.map(({ tid }) => tid))).toEqual(new Set([0, 1, 2, 4]));
});

test('of a plan that is not known, spans are there all the same', () => {
  const { traceEvents } = chromeTrace([trace], () => undefined);
  expect(traceEvents.some(({ ph, name }) => ph === 'X' && name === 'steps 2 to 2')).toBe(true);
});

test('every span is a measure on a track of the performance panel, and the page keeps none', async () => {
  const measure = vi.spyOn(performance, 'measure');
  const planOf = vi.fn(async () => [{ ...plan, hash: trace.plan }]);
  const track = performanceTrack(createPlanBook(planOf));
  const origin = performance.timeOrigin + 1000;
  await track.add({ type: 'trace', origin, traces: [trace] });
  await track.add({ type: 'trace', origin, traces: [trace] });
  expect(planOf).toHaveBeenCalledTimes(1);
  expect(measure).toHaveBeenCalledTimes(2 * trace.spans.length);
  const [name, options] = measure.mock.calls[1] as unknown as [string, PerformanceMeasureOptions];
  expect(name).toBe('Isobar: matmul');
  expect(Math.abs(Number(options.start) - 1011)).toBeLessThan(1e-3);
  expect(Math.abs(Number(options.end) - 1012)).toBeLessThan(1e-3);
  expect(options.detail.devtools).toMatchObject({
    dataType: 'track-entry',
    trackGroup: 'Isobar',
    track: 'rank 0 device',
    properties: expect.arrayContaining([
      ['step', '8'],
      ['GFLOP/s', '3'],
    ]),
  });
  expect(performance.getEntriesByType('measure')).toEqual([]);
});
