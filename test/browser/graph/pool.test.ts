/** Pooling and its gradients against float64, with ties among them. */
import { expect, test } from 'vitest';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { averagePool, globalAveragePool, maxPool, type PoolOptions } from '../../../src/graph/ops/pool.ts';
import type { Shape } from '../../../src/graph/tensor.ts';
import { checkOp } from '../check.ts';

const cases: readonly (readonly [Shape, PoolOptions])[] = [
  [[1, 1, 1, 1], { kernel: 1 }],
  [[2, 3, 9, 11], { kernel: 3, stride: 2, padding: 1 }],
  [[2, 64, 12, 12], { kernel: 3, stride: 2, padding: 1 }],
  [[2, 3, 8, 8], { kernel: 2 }],
  [[2, 3, 7, 9], { kernel: 2 }], // pixels that no window covers
  [[1, 2, 10, 9], { kernel: [2, 3], stride: [3, 1], padding: [1, 1] }],
  [[1, 2, 9, 9], { kernel: 2, stride: 4 }],
  [[2, 2, 5, 5], { kernel: 5, stride: 1, padding: 2 }],
];

test.each(cases)('max pool of %o, %o', async (x, options) => {
  const build = (images: Parameters<typeof maxPool>[0]) => maxPool(images, options);
  await checkOp({ shapes: [x], build, tolerance: 1e-6 });
  // Few different values, zeros above all, as after a ReLU: the first of several maxima takes the gradient.
  await checkOp({
    shapes: [x],
    build,
    tolerance: 1e-6,
    prepare: value => Math.max(0, Math.round(2 * value)),
  });
  await checkOp({ shapes: [x], build, tolerance: 1e-6, prepare: () => -3 });
});

test.each(cases)('average pool of %o, %o', (x, options) =>
  checkOp({ shapes: [x], build: images => averagePool(images, options), tolerance: 1e-6 }),
);

test.each([
  [2, 3, 7, 7],
  [3, 5, 1, 1],
  [1, 2, 33, 65],
])('global average pool of [%i, %i, %i, %i]', (...x) =>
  checkOp({ shapes: [x], build: globalAveragePool, tolerance: 1e-6 }),
);

test.each<[Shape, PoolOptions, string]>([
  [[1, 2, 3], { kernel: 2 }, 'max pool: images [1,2,3] by windows of [2,2]: images have four axes'],
  [[1, 2, 3, 3], { kernel: 4 }, 'a window of 4 in 3 pixels'],
  [[1, 2, 8, 8], { kernel: 3, padding: 2 }, 'a padding of 2 is more than half of 3'],
  [[1, 2, 8, 8], { kernel: 3, stride: 0 }, 'a stride of 0 or padding of 0'],
])('images %o, %o: refused', (x, options, message) => {
  expect(() => maxPool(inputTensor('x', x), options)).toThrow(message);
});
