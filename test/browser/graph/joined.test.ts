/** Ops that the compiler joins, against the graph as it was, in float64: results and gradients. */
import { describe, expect, test } from 'vitest';
import { formsFor } from '../../../src/engine/forms.ts';
import { concat, patchify, permute, reshape, slice, unpatchify } from '../../../src/graph/ops/copy.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import { add, affine, exp, gelu, mul, relu, square, sub } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, wordsTensor } from '../../../src/graph/ops/leaf.ts';
import { weightedMse } from '../../../src/graph/ops/loss.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { layerNorm } from '../../../src/graph/ops/norm.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import type { Shape, Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { direct, type FormTable, lanes, tiles } from '../../../src/plan/lower.ts';
import { isDispatch } from '../../../src/plan/plan.ts';
import { checkOp } from '../check.ts';
import { testGpu } from '../gpu.ts';

const random = wordsTensor('random', [4]);
const given = new Map([[random as Tensor, Uint32Array.of(0xdeadbeef, 7, 41, 0)]]);
const tolerance = 1e-5;

type Build = (...inputs: Tensor[]) => Tensor;

/** @param ops names of the kernels that the result is computed by, forward alone */
async function check(shapes: readonly Shape[], build: Build, ops: readonly string[], forms?: FormTable) {
  const y = build(...shapes.map((shape, i) => inputTensor(`x${i}`, shape)));
  const { steps } = compile({ outputs: { y }, layout: layoutParameters([]) });
  expect(steps.filter(isDispatch).map(({ label }) => label)).toEqual(ops);
  await checkOp({ shapes, build, tolerance, given, forms });
}

describe.each<[string, FormTable]>([
  ['tiles', tiles],
  ['direct', direct],
  ['lanes', lanes],
])('what follows a product by %s', (_, forms) => {
  // Lanes need what few adapters have.
  const runs = async () => forms !== lanes || formsFor((await testGpu()).gpu) === lanes;

  // Where rows are no multiple of four, four neighbours do not share their random words.
  test.each([
    [7, 13, 5],
    [32, 64, 16],
    [130, 70, 66],
  ])('activation, dropout and a residual: %i x %i, depth %i', async (m, n, k) => {
    if (!(await runs())) return;
    const shapes = [[2, m, k], [k, n], [n], [n, k], [2, m, k]];
    const build: Build = (x, first, bias, second, residual) => {
      const active = dropout(gelu(matmul(x, first, { bias })), random, 0.3, 2);
      return add(residual, dropout(matmul(active, second), random, 0.4, 3));
    };
    await check(shapes, build, ['matmul, gelu, dropout', 'matmul, dropout, add'], forms);
  });

  test('a part of a mask, and an order that is not that of the result', async () => {
    if (!(await runs())) return;
    const place = { whole: [9, 21], from: [1, 2, 3] } as const;
    const shapes = [
      [2, 5, 6],
      [6, 10],
      [2, 10, 5],
    ];
    const build: Build = (x, weight, other) => {
      const dropped = dropout(matmul(x, weight), random, 0.4, 1, place);
      return sub(permute(other, [0, 2, 1]), dropped);
    };
    await check(shapes, build, ['matmul', 'dropout, sub'], forms);
  });

  test('a product that is needed elsewhere too, or cut into parts, stays as it is', async () => {
    if (!(await runs())) return;
    const long = [
      [3, 1030],
      [1030, 2],
      [3, 2],
    ];
    await check(long, (a, b, c) => add(matmul(a, b), c), ['matmul', 'matmul', 'add'], forms);
    const even = [
      [5, 5],
      [5, 5],
    ];
    const twice: Build = (a, b) => {
      const product = matmul(a, b);
      return matmul(relu(product), product);
    };
    await check(even, twice, ['matmul, relu', 'matmul'], forms);
  });
});

test('chains of functions, of up to four links', async () => {
  const shapes = [[5, 12], [12], [5, 1], [5, 12]];
  const build: Build = (a, row, column, last) => exp(affine(mul(sub(add(a, row), column), last), -0.5, 0.25));
  await check(shapes, build, ['add, sub, mul, affine', 'exp']);
  await check([[7, 13]], x => relu(affine(affine(x, 2, 1), 0.5, -0.125)), ['affine, affine, relu']);
  await check([[3, 5]], x => mul(x, affine(x, 0.5, 3)), ['affine, mul']);
});

test('a slice, a transpose and a broadcast are read, not made', async () => {
  const shapes = [
    [2, 5, 6, 8],
    [2, 12, 12],
    [6, 8],
  ];
  const build: Build = (grid, patches, weight) => {
    const fields = reshape(permute(unpatchify(patches, [6, 8], [2, 2]), [0, 2, 1]), [2, 3, 6, 8]);
    return mul(sub(slice(grid, [0, 1, 0, 0], [2, 3, 6, 8]), fields), weight);
  };
  await check(shapes, build, ['sub, mul']);
  // Patches of a sum of three: what is summed is read in the order of patches.
  await check(shapes.slice(0, 1), x => patchify(square(slice(x, [0, 2, 0, 0], [2, 3, 6, 8])), [3, 4]), [
    'square, permute',
  ]);
});

test('the loss of a forecast: of an increment in patches, with weights and gaps', () =>
  checkOp({
    shapes: [
      [2, 12, 12],
      [2, 3, 6, 8],
      [3, 6, 8],
      [2, 3, 6, 8],
    ],
    build: (patches, newest, weight, mask) => {
      const increment = permute(unpatchify(patches, [6, 8], [2, 2]), [0, 2, 1]);
      const prediction = add(newest, reshape(increment, newest.shape));
      return weightedMse(prediction, newest, mul(mask, weight), 77);
    },
    tolerance,
  }));

test.each([
  [300, 7],
  [5, 1],
  [20011, 1],
])('sums of squares, with a factor: %o', (rows, columns) =>
  checkOp({
    shapes: [[rows, columns]],
    build: x => affine(sum(square(x), [0]), 0.25, 0),
    tolerance,
  }),
);

test.each([
  [2, 33, 128, 5],
  [3, 130, 3, 1],
  [300, 4, 17, 6],
])('a sum over what leads and over what is within: %o', (...shape) =>
  checkOp({ shapes: [shape], build: x => sum(x, [0, 2]), tolerance }),
);

test.each([
  { rows: 9, channels: 12, groups: 2, segments: 2 },
  { rows: 300, channels: 8, groups: 2, segments: 1 }, // the vectors' gradients in parts
  { rows: 5, channels: 150, groups: 1, segments: 1 }, // a workgroup a group
])('a norm beside a residual: %o', ({ rows, channels, groups, segments }) =>
  checkOp({
    shapes: [[rows, channels], [channels], [channels], [channels, 6], [6, channels]],
    build: (x, weight, bias, first, second) => {
      const hidden = matmul(layerNorm(x, weight, bias, { groups, segments }), first);
      return add(x, concat([matmul(gelu(hidden), second)], 1));
    },
    tolerance,
  }),
);
