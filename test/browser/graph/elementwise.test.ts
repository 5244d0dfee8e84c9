import { expect, test } from 'vitest';
import {
  add,
  affine,
  div,
  exp,
  gelu,
  mul,
  relu,
  sqrt,
  square,
  sub,
} from '../../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { checkOp } from '../check.ts';

const away = (value: number) => Math.fround(value + Math.sign(value || 1) * 0.5);

test.each([
  [[7], [7]],
  [
    [2, 64, 16],
    [2, 64, 16],
  ],
  [[5, 3, 7], [7]],
  [
    [5, 1, 7],
    [3, 1],
  ],
  [[1], [4, 5]],
  [
    [2, 3, 2, 3, 2, 3],
    [3, 1, 3, 1, 3],
  ],
])('arithmetic with broadcasting of %o and %o', async (a, b) => {
  for (const build of [add, sub, mul]) await checkOp({ shapes: [a, b], build, tolerance: 1e-5 });
  await checkOp({ shapes: [a, b], build: div, tolerance: 1e-5, prepare: away });
});

test('functions of one operand', async () => {
  const shapes = [[3, 67]];
  for (const build of [square, exp, relu]) await checkOp({ shapes, build, tolerance: 1e-5 });
  await checkOp({
    shapes,
    build: sqrt,
    tolerance: 1e-5,
    prepare: value => Math.fround(Math.abs(value) + 0.1),
  });
  await checkOp({ shapes, build: x => affine(x, -2.5, 0.75), tolerance: 1e-5 });
});

test('GELU is the exact one, over the whole range that matters', async () => {
  // A tanh approximation is off by up to 5e-4 and fails this by far.
  await checkOp({ shapes: [[1001]], build: gelu, tolerance: 1e-6, prepare: value => Math.fround(6 * value) });
  await checkOp({
    shapes: [[1001]],
    build: gelu,
    tolerance: 1e-6,
    prepare: value => Math.fround(0.01 * value),
  });
});

test('x * x sums both contributions to the gradient', () =>
  checkOp({ shapes: [[9]], build: x => mul(x, x), tolerance: 1e-5 }));

test('shapes that do not broadcast are refused', () => {
  expect(() => add(inputTensor('a', [2, 3]), inputTensor('b', [2]))).toThrow(
    '[2,3] and [2] do not broadcast',
  );
});
