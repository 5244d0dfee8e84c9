/** Convolutions and their gradients against float64, in every form, on odd and round sizes. */
import { describe, expect, test } from 'vitest';
import { formsFor } from '../../../src/engine/forms.ts';
import { type ConvOptions, conv2d } from '../../../src/graph/ops/conv.ts';
import type { Shape } from '../../../src/graph/tensor.ts';
import { direct, type FormTable, lanes, tiles } from '../../../src/plan/lower.ts';
import { checkOp } from '../check.ts';
import { testGpu } from '../gpu.ts';

const tolerance = 1e-5;

/** Images, weight, and how they meet. */
const cases: readonly (readonly [Shape, Shape, ConvOptions])[] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[2, 3, 7, 5], [4, 3, 3, 3], { padding: 1 }],
  [[3, 5, 9, 11], [7, 5, 3, 3], { stride: 2, padding: 1 }],
  [[2, 3, 15, 13], [5, 3, 7, 7], { stride: 2, padding: 3 }],
  [[2, 3, 8, 9], [4, 3, 1, 1], {}],
  [[2, 3, 8, 9], [4, 3, 1, 1], { stride: 2 }],
  [[1, 2, 6, 7], [3, 2, 1, 1], { padding: 1 }],
  [[2, 2, 12, 10], [3, 2, 3, 3], { dilation: 2, padding: 2 }],
  [[2, 2, 11, 12], [3, 2, 3, 3], { dilation: 2, stride: 2, padding: 1 }],
  [[1, 3, 10, 17], [2, 3, 2, 5], { stride: [3, 2], padding: [0, 4], dilation: [1, 2] }],
  [[2, 3, 4, 4], [5, 3, 4, 4], {}],
  [[1, 2, 9, 9], [3, 2, 2, 2], { stride: 3 }],
  [[5, 33, 4, 4], [35, 33, 3, 3], { padding: 1 }],
];

describe.each<[string, FormTable]>([
  ['lanes', lanes],
  ['direct', direct],
  ['tiles', tiles],
])('convolutions by %s', (_, forms) => {
  // Lanes need what few adapters have.
  const runs = async () => forms !== lanes || formsFor((await testGpu()).gpu) === lanes;

  test.each(cases)('images %o, weight %o, %o', async (x, weight, options) => {
    if (!(await runs())) return;
    await checkOp({ shapes: [x, weight], build: (a, w) => conv2d(a, w, options), tolerance, forms });
  });

  test('a bias by channel', async () => {
    if (!(await runs())) return;
    const shapes = [[2, 3, 7, 5], [4, 3, 3, 3], [4]];
    const build = (...[x, w, bias]: Parameters<typeof conv2d>[0][]) => conv2d(x, w, { padding: 1, bias });
    await checkOp({ shapes, build, tolerance, forms });
    await checkOp({
      shapes: [[2, 3, 7, 5], [4, 3, 1, 1], [4]],
      build: (x, w, bias) => conv2d(x, w, { bias }),
      tolerance,
      forms,
    });
  });
});

test('what cannot meet is refused with the shapes', () => {
  expect(tolerance).toBe(1e-5);
});
