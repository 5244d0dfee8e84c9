/** Traces come in from ranks in any order, and some not at all. */
import { expect, test } from 'vitest';
import { SampledSteps } from '../../../src/parallel/sampled-steps.ts';
import type { StepTrace } from '../../../src/plan/trace.ts';

const trace = (rank: number, step: number): StepTrace => ({
  plan: 'p',
  rank,
  step,
  resolution: 1,
  spans: [],
});

test('a step is taken once, when all ranks and passes are there', () => {
  const sampled = new SampledSteps(2, 2);
  sampled.add([trace(1, 5), trace(1, 5)], 1);
  expect(sampled.take()).toBeUndefined();
  sampled.add([trace(0, 5)], 0);
  expect(sampled.take()).toBeUndefined();
  sampled.add([trace(0, 5)], 0);
  expect(sampled.take()?.map(({ rank }) => rank)).toEqual([0, 0, 1, 1]);
  expect(sampled.take()).toBeUndefined();
});

test('what a rank says of another, or never says, does not count', () => {
  const sampled = new SampledSteps(2, 1);
  sampled.add([trace(0, 5)], 1);
  sampled.add([trace(0, 6)], 0);
  expect(sampled.take()).toBeUndefined();
  // A rank that leaves steps out does not make the others pile up.
  for (let step = 7; step < 100; step++) sampled.add([trace(0, step)], 0);
  sampled.add([trace(1, 6)], 1);
  expect(sampled.take()).toBeUndefined();
  sampled.add([trace(1, 99)], 1);
  expect(sampled.take()?.map(({ step }) => step)).toEqual([99, 99]);
});
