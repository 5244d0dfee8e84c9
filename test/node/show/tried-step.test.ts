/** A step that was only tried is told from one that was trained by its traces. */
import { expect, test } from 'vitest';
import type { Provenance } from '../../../src/graph/provenance.ts';
import type { PlanStep } from '../../../src/plan/plan.ts';
import type { Span, StepTrace } from '../../../src/plan/trace.ts';
import { lanesOf } from '../../../src/show/lanes.ts';
import { isWhole } from '../../../src/show/tried-step.ts';

const dispatch = (phase: Provenance['phase']): PlanStep => ({
  kind: 'dispatch',
  label: phase,
  shader: 'add',
  constants: {},
  params: [],
  workgroups: [1, 1, 1],
  operands: [],
  work: { kernel: 'pointwise', flops: 0, read: 0, written: 0 },
  provenance: { layer: 'head', phase, op: 'add', shape: [1] },
});
const last = [dispatch('forward'), dispatch('backward'), dispatch('update')];
const plans = new Map<string, readonly PlanStep[]>([
  ['last', last],
  ['earlier', last.slice(0, 2)],
]);
const span = (from: number, to: number): Span => ({ lane: 'device', from, to, begun: from, ended: to });
const trace = (rank: number, plan: string, ...spans: Span[]): StepTrace => ({
  ...{ rank, plan, step: 1, resolution: 0, spans },
});
const wholeness = (...traces: StepTrace[]) => isWhole(lanesOf(traces, hash => plans.get(hash))!);

test('a step is whole where every rank has come to its update', () => {
  expect(wholeness(trace(0, 'last', span(0, 2), span(2, 3)))).toBe(true);
  expect(wholeness(trace(0, 'last', span(0, 2)))).toBe(false);
  // One span for all that lies between two exchanges.
  expect(wholeness(trace(0, 'last', span(0, 3)))).toBe(true);
  expect(wholeness(trace(0, 'last', span(0, 3)), trace(1, 'last', span(0, 2)))).toBe(false);
  expect(wholeness(trace(0, 'earlier', span(0, 2)), trace(0, 'last', span(0, 3)))).toBe(true);
  expect(wholeness(trace(0, 'earlier', span(0, 2)), trace(0, 'last', span(0, 2)))).toBe(false);
});

test('of a plan that is not known, a step is taken to be whole', () => {
  expect(wholeness(trace(0, 'unknown', span(0, 2)))).toBe(true);
});
