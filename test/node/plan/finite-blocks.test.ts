/** Which blocks may be sent: in single precision every element is looked at, wherever it stands. */
import { expect, test } from 'vitest';
import { isFiniteBlock } from '../../../src/plan/half-wire.ts';

const areFinite = (values: readonly number[]) =>
  isFiniteBlock(new Uint8Array(Float32Array.from(values).buffer), 'f32');

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'a block with %f at any place is not finite',
  value => {
    for (const length of [1, 4, 11]) {
      for (let place = 0; place < length; place++) {
        expect(areFinite(Array.from({ length }, (_, i) => (i === place ? value : -i)))).toBe(false);
      }
    }
  },
);

test('the largest and the smallest numbers are finite', () => {
  const most = 3.4028234663852886e38;
  expect(areFinite([most, -most, 0, -0, 1e-45, -1e-45, most])).toBe(true);
  expect(areFinite([])).toBe(true);
});
