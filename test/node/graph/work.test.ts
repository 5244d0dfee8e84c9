/**
 * What kernels say of their work against what the ops of the graph do when they are computed in float64: operations and
 * the elements that they touch.
 */
import { describe, expect, test } from 'vitest';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import type { KernelPlan } from '../../../src/graph/op.ts';
import { batchNorm, batchNormBy } from '../../../src/graph/ops/batch-norm.ts';
import { softmaxCrossEntropy, topCounts } from '../../../src/graph/ops/classify.ts';
import { isCollective } from '../../../src/graph/ops/collective.ts';
import { type ConvOptions, conv2d } from '../../../src/graph/ops/conv.ts';
import { concat, pad, permute, slice } from '../../../src/graph/ops/copy.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import {
  add,
  affine,
  div,
  exp,
  gelu,
  isAddition,
  mul,
  relu,
  sqrt,
  square,
  sub,
} from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, wordsTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { layerNorm } from '../../../src/graph/ops/norm.ts';
import { averagePool, globalAveragePool, maxPool, type PoolOptions } from '../../../src/graph/ops/pool.ts';
import { broadcastTo, sum } from '../../../src/graph/ops/reduce.ts';
import { type Shape, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { lossGraph } from '../../../src/train/plans.ts';
import { counted } from '../../reference/counted.ts';
import { compute } from '../../reference/interpret.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { oddModels, uniform } from '../models/odd-models.ts';

await loadAllKinds();

const total = ({ kernels }: KernelPlan, what: 'flops' | 'read' | 'written') =>
  kernels.reduce((sum, { work }) => sum + work[what], 0);

/** The state of random numbers, or labels. */
const words = [3, 0, 3, 1, 2];

const valuesOf = ({ shape, dtype, id }: Tensor) =>
  dtype === 'u32'
    ? Float64Array.from(words.slice(0, sizeOf(shape)))
    : Float64Array.from(uniform(sizeOf(shape), id), value => value + 1.5);

/** All ways of computing a tensor that its op has kernels for. */
function check(tensor: Tensor): void {
  const { op, shape, inputs } = tensor;
  const what = `${op.name} of ${inputs.map(input => `[${input.shape}]`).join(', ')}`;
  const values = inputs.map(valuesOf);
  const truth = counted(tensor, values);
  const reference = compute(tensor, values);
  const difference = Math.hypot(...truth.values.map((value, i) => value - reference[i]));
  expect(difference, `${what}: what was counted`).toBeLessThanOrEqual(1e-11 * Math.hypot(...reference));
  const [size, plan] = [sizeOf(shape), op.kernels!(tensor)];
  const partial = (plan.scratch ?? []).reduce((sum, floats) => sum + floats, 0);
  // A box that is placed among zeros is written after all of it was.
  const written = op.name === 'pad' ? size + truth.touched : size;
  expect(total(plan, 'flops'), `${what}: operations`).toBe(truth.flops);
  expect(total(plan, 'read'), `${what}: bytes read`).toBe(4 * (truth.touched + partial));
  expect(total(plan, 'written'), `${what}: bytes written`).toBe(4 * (written + partial));
  for (const index of inputs.keys()) {
    const inPlace = sizeOf(inputs[index].shape) === size && op.inPlace?.(tensor, index);
    if (!inPlace) continue;
    for (const each of ['flops', 'read', 'written'] as const) {
      expect(total(inPlace, each), `${what}: ${each} in place`).toBe(total(plan, each));
    }
  }
  const accumulating = op.accumulate?.(tensor);
  if (!accumulating) return;
  expect(total(accumulating, 'flops'), `${what}: operations of adding it`).toBe(truth.flops + size);
  expect(total(accumulating, 'read'), `${what}: read to add it`).toBe(total(plan, 'read') + 4 * size);
  expect(total(accumulating, 'written'), `${what}: written to add it`).toBe(total(plan, 'written'));
}

const leaf = (shape: Shape, i = 0) => inputTensor(`x${i}`, shape);
const computed = (...results: Tensor[]) =>
  ancestors(...results).filter(tensor => tensor.op.kernels && !isCollective(tensor));

describe('one op', () => {
  test.each<[string, Tensor]>([
    ['elementwise', add(leaf([5, 7]), leaf([5, 7]))],
    ['elementwise, a row repeated', sub(leaf([5, 7]), leaf([7]))],
    ['elementwise, a column repeated', div(leaf([5, 1]), leaf([3, 5, 7]))],
    ['one operand', relu(exp(sqrt(square(affine(gelu(leaf([13])), 2, 1)))))],
    ['dropout', dropout(leaf([3, 7]), wordsTensor('random', [4]), 0.3, 1)],
    ['permute', permute(leaf([3, 5, 7]), [2, 0, 1])],
    ['broadcast', broadcastTo(leaf([5, 1]), [3, 5, 7])],
    ['slice', slice(leaf([5, 7]), [1, 2], [3, 4])],
    ['pad', pad(leaf([3, 4]), [1, 2], [5, 7])],
    ['concat', concat([leaf([3, 5]), leaf([3, 2])], 1)],
    ['a short sum', sum(leaf([5, 7, 3]), [1])],
    ['a long sum', sum(leaf([330, 7]), [0])],
    ['a product', matmul(leaf([7, 13]), leaf([13, 5]))],
    ['a product, transposed', matmul(leaf([13, 7]), leaf([5, 13]), { transposeA: true, transposeB: true })],
    [
      'a product with a shared operand and a bias',
      matmul(leaf([3, 7, 5]), leaf([5, 2]), { bias: leaf([2]) }),
    ],
    ['a product with rows biased', matmul(leaf([7, 5]), leaf([3, 5, 2]), { rowBias: leaf([7]) })],
    [
      'a product summed over the batch',
      matmul(leaf([3, 7, 5]), leaf([3, 7, 2]), { transposeA: true, sumBatch: true }),
    ],
    ['a product whose inner axis is split', matmul(leaf([3, 1009]), leaf([1009, 2]))],
  ])('%s', (_, tensor) => {
    for (const each of computed(tensor)) check(each);
  });

  test.each<[Shape, Shape, ConvOptions]>([
    [[2, 3, 7, 5], [4, 3, 3, 3], { padding: 1 }],
    [[2, 3, 7, 6], [4, 3, 3, 3], { stride: 2, padding: 1 }],
    [[2, 3, 5, 6], [4, 3, 1, 1], { stride: 2 }],
    [[2, 3, 5, 6], [4, 3, 1, 1], {}],
    [[1, 2, 8, 9], [3, 2, 3, 2], { stride: [3, 2], padding: [0, 3], dilation: [2, 1] }],
    [[1, 2, 3, 3], [3, 2, 1, 1], { stride: 5, padding: 1 }],
    [[7, 2, 12, 13], [3, 2, 3, 3], { padding: 1 }], // the sum over positions is split
  ])('a convolution and its gradients: %o by %o, %o', (images, taps, options) => {
    const [x, weight, bias] = [leaf(images), leaf(taps, 1), leaf(taps.slice(0, 1), 2)];
    const y = conv2d(x, weight, { ...options, bias });
    const loss = sum(mul(y, leaf(y.shape, 3)));
    for (const each of computed(loss, ...grad(loss, [x, weight, bias]))) check(each);
    for (const each of computed(conv2d(x, weight, options))) check(each);
  });

  test.each([
    [5, 7],
    [3, 130], // a workgroup a row
  ])('the loss of a classifier and its gradient, and top guesses: %i rows of %i classes', (rows, classes) => {
    const [logits, labels] = [leaf([rows, classes]), inputTensor('labels', [rows], 'u32')];
    const loss = softmaxCrossEntropy(logits, labels, { smoothing: 0.1 });
    for (const each of computed(loss, ...grad(loss, [logits]), topCounts(logits, labels))) check(each);
  });

  test.each<[Shape, PoolOptions]>([
    [[2, 3, 7, 9], { kernel: 3, stride: 2, padding: 1 }],
    [[2, 3, 6, 7], { kernel: 2 }],
    [[1, 2, 9, 8], { kernel: [2, 3], stride: [3, 5], padding: [1, 0] }],
  ])('pools and their gradients: %o, %o', (images, options) => {
    const x = leaf(images);
    for (const y of [maxPool(x, options), averagePool(x, options), globalAveragePool(x)]) {
      const loss = sum(mul(y, leaf(y.shape, 3)));
      for (const each of computed(loss, ...grad(loss, [x]))) check(each);
    }
  });

  test.each([
    [3, 5, 2, 3],
    [1, 2, 9, 8], // several invocations a plane, and nothing to merge
  ])('batch norm of [%i, %i, %i, %i] and its gradients', (...shape) => {
    const [x, running, weight, bias] = [shape, [2, shape[1]], [shape[1]], [shape[1]]].map(leaf);
    const { y, running: next } = batchNorm(x, running, weight, bias);
    const group = { name: 'replica', members: [0, 1, 2], index: 1 };
    for (const each of [
      y,
      batchNorm(x, running, weight, bias, { group }).y,
      batchNormBy(x, running, weight, bias),
    ]) {
      const loss = sum(mul(each, leaf(shape, 4)));
      for (const one of computed(loss, next, ...grad(loss, [x, weight, bias]))) check(one);
    }
  });

  test.each([
    { channels: 12, groups: 2, segments: 2 },
    { channels: 138, groups: 1, segments: 1 }, // a workgroup a group
  ])('norm and its gradients: %o', ({ channels, ...layout }) => {
    const [x, weight, bias] = [leaf([67, channels]), leaf([channels], 1), leaf([channels], 2)];
    const loss = sum(mul(layerNorm(x, weight, bias, layout), leaf([67, channels], 3)));
    for (const each of computed(loss, ...grad(loss, [x, weight, bias]))) check(each);
  });
});

test.each(Object.entries(oddModels))(
  'every op of %s, forward and backward, whole and of a mesh',
  (_, model) => {
    // Without padding: it counts as what it pads.
    const config = {
      ...model,
      height: 6,
      channels: 6,
      statics: 0,
      embedding: 12,
      tokenHidden: 6,
      channelHidden: 6,
    };
    for (const mesh of [
      meshAt({ rows: 1, columns: 1, replicas: 1 }, 0),
      meshAt({ rows: 2, columns: 3, replicas: 1 }, 4),
    ]) {
      const { loss, parameters } = lossGraph(forecastJob(config, true), 2, { mesh });
      const results = [loss, ...grad(loss, parameters)];
      const seen = new Set<string>();
      for (const tensor of computed(...results)) {
        const same = JSON.stringify([
          tensor.op.name,
          tensor.inputs.map(({ shape }) => shape),
          tensor.attributes,
        ]);
        if (!seen.has(same)) check(tensor);
        seen.add(same);
      }
      expect(computed(...results).some(isAddition)).toBe(true);
    }
  },
);
