/** What views show of a run, from its events. */
import { expect, test } from 'vitest';
import type { ProgressField, RunEvent, RunInfo } from '../../../src/session/api/api.ts';
import { emptyPage, type PageEvent, type PageState, reduce } from '../../../src/ui/page-state.ts';

const info = (step: number) => ({ step }) as RunInfo;
const metrics = (step: number, ...losses: number[]): RunEvent => ({
  type: 'metrics',
  step,
  losses,
  learningRates: losses,
  gradientNorms: losses,
  seconds: 1,
  samplesPerSecond: 2,
  dataMs: 0,
  secondsLeft: 3,
  gpuBusySeconds: 0,
});
const after = (...events: readonly PageEvent[]): PageState => events.reduce(reduce, emptyPage());
const curve = ({ losses }: PageState) => losses.series.points().map(({ x, y }) => [x, y]);

test('losses belong to the steps that they are of', () => {
  const state = after({ type: 'prepared', info: info(0) }, metrics(2, 5, 4), metrics(3, 3));
  expect(state.step).toBe(3);
  expect(state.losses.of).toBe(3);
  expect(curve(state)).toEqual([
    [1, 5],
    [2, 4],
    [3, 3],
  ]);
});

test('a new run begins empty; one that goes on elsewhere keeps what it had up to its step', () => {
  const scores: RunEvent = { type: 'scores', step: 2, part: 'validation', scores: [] };
  const late: RunEvent = { type: 'scores', step: 3, part: 'validation', scores: [] };
  const trained: PageEvent[] = [{ type: 'prepared', info: info(0) }, metrics(3, 5, 4, 3), scores, late];
  const onward = after(...trained, { type: 'prepared', info: info(2), goesOn: true });
  expect(curve(onward)).toEqual([
    [1, 5],
    [2, 4],
  ]);
  expect(onward.validation.map(({ step }) => step)).toEqual([2]);
  const anew = after(...trained, { type: 'status', status: 'ready' }, { type: 'prepared', info: info(0) });
  expect(curve(anew)).toEqual([]);
  expect(anew.validation).toEqual([]);
  expect(anew.status).toBe('ready');
});

test('a status ends what was being prepared, and scores of the test part are not those of validation', () => {
  const preparing = after({ type: 'progress', stage: 'Reading', fraction: 0.5 });
  expect(preparing.progress).toEqual({ stage: 'Reading', fraction: 0.5 });
  expect(reduce(preparing, { type: 'status', status: 'ready' }).progress).toBeUndefined();
  const scored = after({ type: 'scores', step: 9, part: 'test', scores: [] });
  expect(scored.validation).toEqual([]);
});

test('what is seen of a computation stays until something newer is, or until it has ended', () => {
  const field = { day: 3 } as ProgressField;
  const seen: RunEvent = { type: 'progress', stage: 'spinning up', fraction: 0.2, field };
  const next: RunEvent = { type: 'progress', stage: 'Compiling the model', fraction: 0 };
  expect(after(seen).progress?.field).toBe(field);
  expect(after(seen, next).progress).toEqual({ stage: 'Compiling the model', fraction: 0, field });
  expect(after(seen, { type: 'status', status: 'ready' }, next).progress?.field).toBeUndefined();
});
