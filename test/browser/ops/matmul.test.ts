import { describe, expect, test } from 'vitest';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { checkOp } from '../check.ts';

const sizes = [
  [1, 1, 1],
  [7, 13, 5],
  [32, 32, 32],
  [37, 29, 131],
  [64, 96, 81],
  [3, 2, 1030],
];

describe.each([
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
])('matmul %o', options => {
  const shapesOf = (m: number, n: number, k: number) => [
    options.transposeA ? [k, m] : [m, k],
    options.transposeB ? [n, k] : [k, n],
  ];

  test.each(sizes)('%i x %i x %i', (m, n, k) =>
    checkOp({ shapes: shapesOf(m, n, k), build: (a, b) => matmul(a, b, options), tolerance: 1e-5 }),
  );

  test('batched, one operand shared, and summed over the batch', async () => {
    const [a, b] = shapesOf(9, 34, 17);
    const tolerance = 1e-5;
    const batch = 3;
    await checkOp({
      shapes: [
        [batch, ...a],
        [batch, ...b],
      ],
      build: (x, y) => matmul(x, y, options),
      tolerance,
    });
    await checkOp({ shapes: [[batch, ...a], b], build: (x, y) => matmul(x, y, options), tolerance });
    await checkOp({ shapes: [a, [batch, ...b]], build: (x, y) => matmul(x, y, options), tolerance });
    await checkOp({
      shapes: [
        [batch, ...a],
        [batch, ...b],
      ],
      build: (x, y) => matmul(x, y, { ...options, sumBatch: true }),
      tolerance,
    });
  });

  test('bias by column and by row', async () => {
    const [a, b] = shapesOf(9, 34, 17);
    await checkOp({
      shapes: [[2, ...a], b, [34]],
      build: (x, y, bias) => matmul(x, y, { ...options, bias }),
      tolerance: 1e-5,
    });
    await checkOp({
      shapes: [a, [2, ...b], [9]],
      build: (x, y, rowBias) => matmul(x, y, { ...options, rowBias }),
      tolerance: 1e-5,
    });
  });
});

test('inner lengths that differ are refused with both shapes', () => {
  const [a, b] = [inputTensor('a', [2, 3]), inputTensor('b', [4, 5])];
  expect(() => matmul(a, b)).toThrow('matmul: [2,3] by [4,5]: inner lengths 3 and 4 differ');
});
