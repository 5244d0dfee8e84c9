import { expect, test } from 'vitest';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { layerNorm } from '../../../src/graph/ops/norm.ts';
import { checkOp } from '../check.ts';

test.each([
  { rows: 5, channels: 6, groups: 1, segments: 1 },
  { rows: 67, channels: 12, groups: 2, segments: 1 },
  { rows: 9, channels: 12, groups: 2, segments: 2 },
  { rows: 130, channels: 138, groups: 2, segments: 1 },
  { rows: 3, channels: 368, groups: 2, segments: 1 },
  { rows: 2, channels: 300, groups: 3, segments: 2 },
])('layer norm %o', ({ rows, channels, groups, segments }) =>
  checkOp({
    shapes: [[rows, channels], [channels], [channels]],
    build: (x, weight, bias) => layerNorm(x, weight, bias, { groups, segments }),
    tolerance: 1e-5,
    // A mean well away from zero: what a one-pass variance would lose.
    prepare: (value, input) => (input === 0 ? Math.fround(value + 20) : value),
  }),
);

test('channels that do not divide into groups are refused', () => {
  const [x, w] = [inputTensor('x', [4, 7]), inputTensor('w', [7])];
  expect(() => layerNorm(x, w, w, { groups: 2, segments: 1 })).toThrow(
    '7 channels do not divide into 2 groups',
  );
});
