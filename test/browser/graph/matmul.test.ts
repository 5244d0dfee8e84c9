import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/engine/run.ts';
import type { Product } from '../../../src/graph/op.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { direct, type FormTable, tiles } from '../../../src/plan/lower.ts';
import { interpret } from '../../reference/interpret.ts';
import { casesOf, checkOp, randomValues, relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

const sizes = casesOf(
  [
    [37, 29, 131],
    [3, 2, 1030],
  ],
  [
    [1, 1, 1],
    [7, 13, 5],
    [32, 32, 32],
    [64, 96, 81],
  ],
);

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

/** As a tuner might: the inner axis of what can be split is cut otherwise than the sizes suggest. */
function resplit(splits: number): FormTable {
  const otherwise = (product: Product) => {
    const splittable = product.batch === 1 && product.bias === 'none';
    return { ...direct.otherwise(product), splits: splittable ? splits : 1 };
  };
  return { name: `${splits} splits`, entries: new Map(), otherwise };
}

/** The forms that a software adapter would not choose. */
describe.each(casesOf([tiles, direct, resplit(3)], [resplit(1)]))('products by $name', forms => {
  async function check(product: Tensor, leaves: readonly Tensor[]): Promise<void> {
    const { gpu, pipelines } = await testGpu();
    const values = leaves.map((leaf, i) => randomValues(sizeOf(leaf.shape), i + 1));
    const named = Object.fromEntries(values.map((data, i) => [`x${i}`, data]));
    const { y } = await evaluate(gpu, pipelines, { y: product }, named, forms);
    const [truth] = interpret([product], new Map(leaves.map((leaf, i) => [leaf, values[i]])));
    expect(relativeError(y, truth)).toBeLessThanOrEqual(1e-5);
  }

  test.each([
    { transposeA: false, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: false },
    { transposeA: true, transposeB: true },
  ])('%o', async options => {
    const leaf = (i: number, batch: number, rows: number, columns: number, transpose: boolean) =>
      inputTensor(`x${i}`, [batch, ...(transpose ? [columns, rows] : [rows, columns])]);
    for (const [batch, m, n, k] of [
      [2, 33, 35, 17], // small tile
      [2, 100, 127, 350], // large tile, inner axis over the batch and split
    ]) {
      const a = leaf(0, batch, m, k, options.transposeA);
      const b = leaf(1, batch, k, n, options.transposeB);
      await check(matmul(a, b, { ...options, sumBatch: k > 100 }), [a, b]);
    }
  });

  test('bias by column and by row', async () => {
    const [a, b] = [inputTensor('x0', [3, 129, 7]), inputTensor('x1', [3, 7, 258])];
    const [bias, rowBias] = [inputTensor('x2', [258]), inputTensor('x2', [129])];
    await check(matmul(a, b, { bias }), [a, b, bias]);
    await check(matmul(a, b, { rowBias }), [a, b, rowBias]);
  });
});
