/** The time of the update, from sampled steps: of all that a device does, what is of the update alone. */
import { expect, test } from 'vitest';
import type { Provenance } from '../../../src/graph/provenance.ts';
import type { Span, StepTrace } from '../../../src/plan/trace.ts';
import { updateMs } from '../../../src/show/update-time.ts';

const step = (phase: Provenance['phase']) => ({ provenance: { layer: 'a', phase, op: 'b', shape: [] } });
const plans = new Map([
  ['last', [step('forward'), step('backward'), step('reduce'), step('update'), step('update')]],
  ['earlier', [step('forward'), step('backward')]],
]);
const device = (from: number, to: number, begun: number, ended: number): Span => ({
  lane: 'device',
  from,
  to,
  begun,
  ended,
});
const trace = (plan: string, rank: number, at: number, ...spans: Span[]): StepTrace => ({
  plan,
  rank,
  step: at,
  resolution: 0,
  spans,
});
const stepsOf = (plan: string) => plans.get(plan);

test('mean over the ranks and steps that were sampled; passes of one step are one, and links are none', () => {
  const link: Span = { ...device(3, 5, 0, 100), lane: 'link' };
  const traces = [
    trace('earlier', 0, 7, device(0, 2, 0, 5)),
    trace('last', 0, 7, device(0, 3, 5, 9), device(3, 4, 9, 10), device(4, 5, 10, 12), link),
    trace('last', 1, 7, device(0, 3, 0, 9), device(3, 5, 9, 14)),
  ];
  expect(updateMs(traces, stepsOf)).toBeCloseTo((3 + 5) / 2, 12);
});

test('where the update is in a span with others, or the plan is not known, nothing is told', () => {
  expect(updateMs([trace('last', 0, 1, device(2, 5, 0, 9))], stepsOf)).toBeUndefined();
  expect(updateMs([trace('another', 0, 1, device(3, 5, 0, 9))], stepsOf)).toBeUndefined();
  expect(updateMs([], stepsOf)).toBeUndefined();
});
