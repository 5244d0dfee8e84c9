/** The convolutions of ResNet-50 by their published sizes: shapes, weights and operations, read off the plan. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.ts';
import { conv2d } from '../../../src/graph/ops/conv.ts';
import { mul } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { direct, lanes, lower } from '../../../src/plan/lower.ts';
import { isDispatch } from '../../../src/plan/plan.ts';
import { workOf } from '../../../src/plan/work.ts';

/** Bottlenecks of version 1.5: the stride is that of the 3x3. */
const stages = [
  { blocks: 3, width: 64, stride: 1 },
  { blocks: 4, width: 128, stride: 2 },
  { blocks: 6, width: 256, stride: 2 },
  { blocks: 3, width: 512, stride: 2 },
];

/** Calls `conv` with the images, outputs, kernel and stride of every convolution. */
function eachConvolution(
  images: number,
  conv: (x: Tensor, outputs: number, kernel: number, stride: number) => Tensor,
): Tensor {
  const stem = conv(inputTensor('x', [images, 3, 224, 224]), 64, 7, 2);
  expect(stem.shape).toEqual([images, 64, 112, 112]);
  let x: Tensor = inputTensor('x', [images, 64, 56, 56]); // pooled
  for (const { blocks, width, stride } of stages) {
    for (let block = 0; block < blocks; block++) {
      const own = block === 0 ? stride : 1;
      const last = conv(conv(conv(x, width, 1, 1), width, 3, own), 4 * width, 1, 1);
      if (block === 0) expect(conv(x, 4 * width, 1, own).shape).toEqual(last.shape);
      x = last;
    }
  }
  return x;
}

const padded = (x: Tensor, weight: Tensor, stride: number) =>
  conv2d(x, weight, { stride, padding: (weight.shape[2] - 1) / 2 });

test('ResNet-50 has 23 454 912 weights in convolutions, and does 4.09 G multiplications an image', () => {
  let [weights, multiplications] = [0, 0];
  const last = eachConvolution(1, (x, outputs, kernel, stride) => {
    const shape = [outputs, x.shape[1], kernel, kernel];
    const y = padded(x, inputTensor('weight', shape), stride);
    weights += sizeOf(shape);
    const own = sizeOf(y.shape) * sizeOf(shape.slice(1));
    multiplications += own;
    const plan = compile({ outputs: { y }, layout: layoutParameters([]) });
    for (const each of [plan, lower(plan, direct), lower(plan, lanes)]) {
      // A sum of n products is n - 1 additions.
      expect(workOf(each).flops).toBe(2 * own - sizeOf(y.shape));
    }
    return inputTensor('x', y.shape);
  });
  expect(last.shape).toEqual([1, 2048, 7, 7]);
  expect(weights).toBe(23_454_912);
  // 4 089 184 256 with the 2048 x 1000 of the last layer.
  expect(multiplications + 2_048_000).toBe(4_089_184_256);
});

test('with 64 images no gradient of weights is one long sum, in any form', () => {
  eachConvolution(64, (x, outputs, kernel, stride) => {
    const weight = inputTensor('weight', [outputs, x.shape[1], kernel, kernel]);
    const y = padded(x, weight, stride);
    const [gradient] = grad(sum(mul(y, inputTensor('dy', y.shape))), [weight]);
    const plan = compile({ outputs: { gradient }, layout: layoutParameters([]) });
    for (const each of [plan, lower(plan, direct), lower(plan, lanes)]) {
      const products = each.steps.flatMap(step => (isDispatch(step) && step.product ? [step.product] : []));
      expect(products.length).toBe(1);
      for (const { of, form } of products) {
        const slices = of.summed * Math.ceil(of.k / form.depth);
        const terms = form.depth * Math.ceil(slices / form.splits);
        expect(terms, `${form.shader} of [${weight.shape}]`).toBeLessThanOrEqual(8192 + form.depth);
      }
    }
    return inputTensor('x', y.shape);
  });
});
