/** Batch norm, in training and evaluation, against float64. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/engine/run.ts';
import { batchNorm, batchNormBy } from '../../../src/graph/ops/batch-norm.ts';
import { add, relu } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { isDispatch } from '../../../src/plan/plan.ts';
import { interpret } from '../../reference/interpret.ts';
import { checkOp, randomValues, relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

/** Running means and (positive) variances. */
function runningOf(channels: number) {
  const running = inputTensor('running', [2, channels]);
  const values = randomValues(2 * channels, 9).map((value, i) => (i < channels ? value : value + 1.5));
  return { running, values, given: new Map([[running as Tensor, values]]) };
}

describe.each([
  [3, 5, 2, 3],
  [1, 7, 9, 11],
  [5, 3, 8, 8],
  [4, 64, 7, 7],
  [2, 6, 31, 20],
  [1, 2, 65, 67], // a workgroup a plane
  [300, 2, 1, 1],
])('batch norm of [%i, %i, %i, %i]', (...shape) => {
  const [, channels] = shape;
  const shapes = [shape, [channels], [channels]];
  const { running, given } = runningOf(channels);

  test.each([0, 1e3, -50])('by the batch, around a mean of %f', async mean => {
    await checkOp({
      shapes,
      build: (x, scale, shift) => batchNorm(x, running, scale, shift).y,
      tolerance: 1e-5,
      // Deviations are about 0.6, around -50 about 0.06.
      prepare: (value, input) =>
        input === 0 ? Math.fround(mean + (mean === -50 ? value / 10 : value)) : value,
      given,
    });
  });

  test('by running values', () =>
    checkOp({
      shapes,
      build: (x, scale, shift) => batchNormBy(x, running, scale, shift),
      tolerance: 1e-5,
      given,
    }));

  test('running values after the batch', async () => {
    const { gpu, pipelines } = await testGpu();
    const [x, scale, shift] = shapes.map((each, i) => inputTensor(`x${i}`, each));
    const { running: next } = batchNorm(x, running, scale, shift, { momentum: 0.3 });
    const before = runningOf(channels).values;
    const x0 = randomValues(sizeOf(shape), 1).map(value => 1e3 + value);
    const computed = await evaluate(gpu, pipelines, { next }, { x0, running: before });
    const [truth] = interpret(
      [next],
      new Map<Tensor, ArrayLike<number>>([
        [x, x0],
        [running, before],
      ]),
    );
    for (const from of [0, channels]) {
      const row = (values: ArrayLike<number>) => Array.from(values).slice(from, from + channels);
      expect(relativeError(row(computed.next), row(truth))).toBeLessThanOrEqual(1e-5);
    }
  });
});

test('an addition and an activation are done as it stores, forward and backward', async () => {
  const shape = [2, 6, 5, 8];
  const { running, given } = runningOf(6);
  const build = (x: Tensor, scale: Tensor, shift: Tensor, skip: Tensor) =>
    relu(add(batchNorm(x, running, scale, shift).y, skip));
  const inputs = [shape, [6], [6], shape].map((each, i) => inputTensor(`x${i}`, each));
  const y = build(inputs[0], inputs[1], inputs[2], inputs[3]);
  const { steps } = compile({ outputs: { y }, layout: layoutParameters([]) });
  expect(steps.filter(isDispatch).map(({ shader }) => shader)).toEqual([
    'batch_moments',
    'batch_merge',
    'batch_apply',
  ]);
  await checkOp({ shapes: [shape, [6], [6], shape], build, tolerance: 1e-5, given });
});

test('a channel whose values are all alike gives the shift, and no gradient that is no number', async () => {
  const shape = [2, 3, 4, 4];
  const { running, given } = runningOf(3);
  await checkOp({
    shapes: [shape, [3], [3]],
    build: (x, scale, shift) => batchNorm(x, running, scale, shift).y,
    tolerance: 1e-5,
    prepare: (value, input) => (input === 0 ? 2 : value),
    given,
  });
});

test('what has no variance, and running values of other channels, are refused', () => {
  const [x, scale] = [inputTensor('x', [1, 3, 1, 1]), inputTensor('scale', [3])];
  const { running } = runningOf(3);
  expect(() => batchNorm(x, running, scale, scale)).toThrow('images [1,3,1,1] have one value a channel');
  expect(() => batchNormBy(x, runningOf(4).running, scale, scale)).toThrow(
    'images [1,3,1,1] and running values [2,4], not [2, 3]',
  );
  const long = inputTensor('scale', [4]);
  expect(() => batchNormBy(x, running, long, scale)).toThrow(
    'statistics of 3 channels, scale [4] and shift [3]',
  );
});
