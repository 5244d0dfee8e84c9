/** What parameters begin with: the same numbers as the reference draws, whatever part of a whole they are. */
import { expect, test } from 'vitest';
import { type Initializer, parameterTensor } from '../../../src/graph/ops/leaf.ts';
import { hashName } from '../../../src/graph/philox.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { drawParameters } from '../../../src/train/initial-parameters.ts';
import { philoxWords } from '../../reference/philox.ts';

const SEED = 41;
const name = 'conv.weight';

function drawn(
  shape: readonly number[],
  initializer: Initializer,
  origin?: Parameters<typeof parameterTensor>[0]['origin'],
) {
  const attributes = { name: origin ? 'part' : name, shape, initializer, part: 'all', decays: true, origin };
  const layout = layoutParameters([parameterTensor(attributes)]);
  return drawParameters(layout, SEED).subarray(0, layout.count);
}

test('normal deviates are those of Box and Muller from words of Philox', () => {
  const values = drawn([7, 3], { centre: 0.5, deviation: 2 });
  const expected = Float32Array.from({ length: 21 }, (_, i) => {
    const words = philoxWords([i >> 2, hashName(name), 0, 0], [SEED, 0]);
    const [u, v] = i % 4 < 2 ? words.slice(0, 2) : words.slice(2);
    const radius = Math.sqrt(-2 * Math.log((u + 1) / 2 ** 32));
    const angle = 2 * Math.PI * (v / 2 ** 32);
    return 0.5 + 2 * radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  expect(values).toEqual(expected);
});

test('their moments are those of a normal distribution', () => {
  const values = Array.from(drawn([200_000], { centre: 0, deviation: 1 }));
  const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
  expect(values.every(Number.isFinite)).toBe(true);
  // Five standard errors each.
  expect(Math.abs(moment(1))).toBeLessThan(0.011);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.016);
  expect(Math.abs(moment(3))).toBeLessThan(0.043);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.11);
});

test('a part of a whole draws what the whole would there, and a spread of zero is the centre', () => {
  const initializer = { centre: 0, deviation: 1 };
  const whole = drawn([4, 6], initializer);
  const rows = [1, 3];
  const columns = [0, 5, -1];
  const origin = { name, shape: [4, 6], rows, columns, rowLength: 6 };
  const part = drawn([2, 3], initializer, origin);
  const expected = rows.flatMap(row => columns.map(column => (column < 0 ? 0 : whole[row * 6 + column])));
  expect([...part]).toEqual(expected);
  expect([...drawn([3], { centre: 1, deviation: 0 })]).toEqual([1, 1, 1]);
});
