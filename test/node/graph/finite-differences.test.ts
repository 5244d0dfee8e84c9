/** Derivative rules against finite differences of the float64 interpreter, along a random direction of every input. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.ts';
import { batchNorm, batchNormBy } from '../../../src/graph/ops/batch-norm.ts';
import { softmaxCrossEntropy } from '../../../src/graph/ops/classify.ts';
import { conv2d } from '../../../src/graph/ops/conv.ts';
import { mul, relu } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { averagePool, globalAveragePool, maxPool } from '../../../src/graph/ops/pool.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import { type Shape, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { interpret } from '../../reference/interpret.ts';
import { uniform } from '../models/odd-models.ts';

const STEP = 1e-4;
const labels = inputTensor('labels', [5], 'u32');
const running = inputTensor('running', [2, 3]);
const fixed = new Map<Tensor, ArrayLike<number>>([
  [labels, [3, 0, 2, 2, 1]],
  [running, [0.1, -0.2, 0.3, 0.5, 1.5, 2]],
]);

const images = [2, 3, 7, 5];

test.each<[string, readonly Shape[], (...inputs: Tensor[]) => Tensor]>([
  ['a convolution', [images, [4, 3, 3, 3], [4]], (x, w, bias) => conv2d(x, w, { padding: 1, bias })],
  ['a strided one', [images, [4, 3, 3, 3]], (x, w) => conv2d(x, w, { stride: 2, padding: 1 })],
  [
    'a dilated one',
    [images, [4, 3, 3, 2]],
    (x, w) => conv2d(x, w, { stride: [1, 2], padding: 2, dilation: 2 }),
  ],
  ['one by 1x1', [images, [4, 3, 1, 1], [4]], (x, w, bias) => conv2d(x, w, { bias })],
  ['batch norm', [images, [3], [3]], (x, scale, shift) => batchNorm(x, running, scale, shift).y],
  [
    'batch norm by running values',
    [images, [3], [3]],
    (x, scale, shift) => batchNormBy(x, running, scale, shift),
  ],
  ['a max pool', [images], x => maxPool(x, { kernel: 3, stride: 2, padding: 1 })],
  ['an average pool', [images], x => averagePool(x, { kernel: 3, stride: 2, padding: 1 })],
  ['a global average pool', [images], globalAveragePool],
  ['the loss of a classifier', [[5, 4]], x => softmaxCrossEntropy(x, labels, { smoothing: 0.1 })],
  ['an activation', [images], relu],
])('%s', (_, shapes, build) => {
  const inputs = shapes.map((shape, i) => inputTensor(`x${i}`, shape));
  const y = build(...inputs);
  const cotangent = inputTensor('cotangent', y.shape);
  const loss = sum(mul(y, cotangent));
  const values = inputs.map(({ shape }, i) => Float64Array.from(uniform(sizeOf(shape), i + 1)));
  const leaves = new Map<Tensor, ArrayLike<number>>([...fixed, [cotangent, uniform(sizeOf(y.shape), 40)]]);
  const at = (changed: readonly Float64Array[]) =>
    new Map<Tensor, ArrayLike<number>>([
      ...leaves,
      ...inputs.map((input, i) => [input, changed[i]] as const),
    ]);
  const gradients = interpret(grad(loss, inputs), at(values));
  inputs.forEach((input, i) => {
    const direction = uniform(sizeOf(input.shape), 20 + i);
    const lossAt = (step: number) => {
      const moved = values.map((own, j) =>
        j === i ? own.map((value, k) => value + step * direction[k]) : own,
      );
      return interpret([loss], at(moved))[0][0];
    };
    const slope = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    const expected = gradients[i].reduce((total, value, k) => total + value * direction[k], 0);
    expect(Math.abs(expected), 'a gradient that is not zero').toBeGreaterThan(1e-6);
    expect(Math.abs(slope - expected) / Math.abs(expected), `input ${i}`).toBeLessThanOrEqual(1e-5);
  });
});
