import { expect, test } from 'vitest';
import { concat, pad, patchify, permute, reshape, slice, unpatchify } from '../../../src/graph/ops/copy.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { broadcastTo } from '../../../src/graph/ops/reduce.ts';
import { checkOp } from '../check.ts';

test('permute, slice, pad, concat and broadcast move elements exactly', async () => {
  await checkOp({ shapes: [[3, 5, 7]], build: x => permute(x, [2, 0, 1]), tolerance: 1e-7 });
  await checkOp({ shapes: [[2, 3, 4, 5]], build: x => permute(x, [0, 2, 1, 3]), tolerance: 1e-7 });
  await checkOp({ shapes: [[6, 11]], build: x => slice(x, [1, 3], [4, 7]), tolerance: 1e-7 });
  await checkOp({ shapes: [[4, 7]], build: x => pad(x, [1, 3], [6, 11]), tolerance: 1e-7 });
  await checkOp({
    shapes: [
      [2, 3, 5],
      [2, 4, 5],
    ],
    build: (a, b) => concat([a, b], 1),
    tolerance: 1e-7,
  });
  await checkOp({
    shapes: [
      [3, 2],
      [3, 1],
      [3, 5],
    ],
    build: (a, b, c) => concat([a, b, c], 1),
    tolerance: 1e-7,
  });
  await checkOp({ shapes: [[5, 1, 7]], build: x => broadcastTo(x, [2, 5, 3, 7]), tolerance: 1e-5 });
  await checkOp({ shapes: [[4, 6]], build: x => reshape(x, [3, 8]), tolerance: 1e-7 });
});

test.each([
  [1, 4],
  [2, 4],
  [3, 2],
  [1, 12],
])('patchify by %i x %i and back', async (ph, pw) => {
  await checkOp({ shapes: [[2, 3, 6, 12]], build: x => patchify(x, [ph, pw]), tolerance: 1e-7 });
  await checkOp({
    shapes: [[2, 72 / (ph * pw), 5 * ph * pw]],
    build: x => unpatchify(x, [6, 12], [ph, pw]),
    tolerance: 1e-7,
  });
});

test('a grid that is no multiple of the patch is refused', () => {
  expect(() => patchify(inputTensor('x', [1, 1, 5, 8]), [2, 4])).toThrow(
    '5 x 8 is no multiple of a patch of 2 x 4',
  );
});
