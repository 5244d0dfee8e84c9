import { test } from 'vitest';
import { relativeL2, weightedMse } from '../../../src/graph/ops/loss.ts';
import { sum, sumTo } from '../../../src/graph/ops/reduce.ts';
import { checkOp } from '../check.ts';

test.each([
  [[5], undefined],
  [[3, 7, 11], undefined],
  [[3, 7, 11], [1]],
  [
    [3, 7, 11],
    [0, 2],
  ],
  [[3, 7, 11], [2]],
  [[4099], [0]],
  [[3, 1031, 5], [1]],
  [[20011, 3], [0]],
])('sum of %o over %o', (shape, axes) =>
  checkOp({ shapes: [shape], build: x => sum(x, axes), tolerance: 1e-5 }),
);

test('sumTo undoes broadcasting', () =>
  checkOp({ shapes: [[2, 3, 4, 5]], build: x => sumTo(x, [3, 1, 5]), tolerance: 1e-5 }));

test('weighted MSE and relative L2', async () => {
  const shapes = [
    [2, 3, 8, 7],
    [2, 3, 8, 7],
    [3, 8, 7],
  ];
  await checkOp({ shapes, build: (p, t, w) => weightedMse(p, t, w), tolerance: 1e-5 });
  await checkOp({ shapes: shapes.slice(0, 2), build: relativeL2, tolerance: 1e-5 });
});
