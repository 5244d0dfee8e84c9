/** A batch in several passes: the same loss and gradients in float64, less memory, and what cannot be cut. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.ts';
import { isInput, isParameter } from '../../../src/graph/ops/leaf.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { partsFault } from '../../../src/train/parts.ts';
import { lossGraph, type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { interpret } from '../../reference/interpret.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { demo } from '../models/demo-model.ts';
import { leavesOf, oddModels } from '../models/odd-models.ts';

const nameOf = (leaf: Tensor) => (leaf.attributes as { name: string }).name;

test.each(Object.entries(oddModels))('%s: passes add up to the whole, dropout on', (_, config) => {
  const batch = 6;
  const whole = lossGraph(forecastJob(config, true), batch);
  const leaves = leavesOf(whole.loss);
  const byName = new Map([...leaves].map(([leaf, values]) => [nameOf(leaf), values]));
  const expected = interpret([whole.loss, ...grad(whole.loss, whole.parameters)], leaves);

  for (const [accumulate, microBatches] of [
    [3, 1],
    [3, 2],
    [6, 1],
  ]) {
    const graph = lossGraph(forecastJob(config, true), batch, { accumulate, microBatches });
    const results = [graph.loss, ...grad(graph.loss, graph.parameters)];
    const sums = expected.map(values => new Float64Array(values.length));
    for (let pass = 0; pass < accumulate; pass++) {
      const own = new Map<Tensor, ArrayLike<number>>();
      for (const leaf of leavesOf(graph.loss).keys()) {
        const [name, part = '0'] = nameOf(leaf).split(':');
        const values = Array.from(byName.get(name)!);
        if (name === 'random') values[3] = (pass * batch) / accumulate;
        const cut = isInput(leaf) && !isParameter(leaf) && !['random', 'weight'].includes(name);
        const size = values.length / accumulate / microBatches;
        const from = (pass * microBatches + Number(part)) * size;
        own.set(leaf, cut ? values.slice(from, from + size) : values);
      }
      interpret(results, own).forEach((values, i) => {
        for (const [at, value] of values.entries()) sums[i][at] += value;
      });
    }
    const scale = Math.hypot(...expected.map(values => Math.hypot(...values)));
    sums.forEach((values, i) => {
      for (const [at, value] of values.entries()) {
        expect(Math.abs(value - expected[i][at])).toBeLessThanOrEqual(1e-12 * scale);
      }
    });
  }
});

const planOf = (options: StepOptions) => trainingPlan(forecastJob(demo), 8, presets.demo.optimizer, options);
const bytesOf = ({ spaces }: Plan, space: string) =>
  (spaces[space] ?? []).reduce((sum, { bytes }) => sum + bytes, 0);

test.each([
  { rows: 1, columns: 1, replicas: 1 },
  { rows: 2, columns: 2, replicas: 1 },
])('demo on %o: activations and inputs take an n-th of the memory in n passes', shape => {
  for (let rank = 0; rank < ranksOf(shape); rank++) {
    const mesh = meshAt(shape, rank);
    const { plan: whole } = planOf({ mesh });
    for (const accumulate of [2, 4, 8]) {
      const { plan, earlierPass } = planOf({ mesh, accumulate });
      const ratio = (space: string) => (accumulate * bytesOf(plan, space)) / bytesOf(whole, space);
      expect(ratio('arena')).toBeGreaterThan(0.98);
      expect(ratio('arena')).toBeLessThan(1.02);
      // The loss weights are no part of the batch.
      expect(ratio('inputs')).toBeLessThan(1 + 0.05 * accumulate);
      for (const space of ['parameters', 'gradients', 'moment1', 'moment2', 'average']) {
        expect(bytesOf(plan, space), space).toBe(bytesOf(whole, space));
      }
      // All passes run in the same buffers.
      for (const [space, buffers] of Object.entries(earlierPass!.spaces)) {
        buffers.forEach(({ bytes }, block) => {
          expect(plan.spaces[space][block].bytes, space).toBeGreaterThanOrEqual(bytes);
        });
      }
    }
  }
});

test('a batch that cannot be cut is refused with what would do', () => {
  expect(() => planOf({ accumulate: 3 })).toThrow(
    '8 samples of a rank cannot be computed in 3 passes: choose 1, 2, 4 or 8.',
  );
  expect(() => planOf({ accumulate: 4, microBatches: 4 })).toThrow(
    '2 samples of a pass cannot be cut into 4 micro-batches: choose 1 or 2.',
  );
  expect(partsFault(1, { accumulate: 2 })).toBe(
    '1 sample of a rank cannot be computed in 2 passes: choose 1.',
  );
  expect(partsFault(12, { accumulate: 3, microBatches: 4 })).toBe(undefined);
});
