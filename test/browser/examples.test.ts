/** The examples compute what they say. */
import { expect, test } from 'vitest';
import { exchange } from '../../examples/exchange.ts';
import { product } from '../../examples/product.ts';
import { fitLine } from '../../examples/training-step.ts';
import { testGpu } from './gpu.ts';

test('a product', async () => {
  const { gpu } = await testGpu();
  expect([...(await product(gpu))]).toEqual([4, 5, 10, 11]);
});

test('a training step: the loss of a line that fits goes to zero', async () => {
  const { gpu } = await testGpu();
  const losses = await fitLine(gpu);
  expect(losses).toHaveLength(40);
  expect(losses[39]).toBeLessThan(0.02 * losses[0]);
});

test('an exchange: both ranks have the whole product', async () => {
  const { gpu } = await testGpu();
  const rows = [0, 3, 6, 9].map(first => [first, first + 1, first + 2]);
  const expected = rows.flatMap(a => rows.map(b => a.reduce((sum, value, k) => sum + value * b[k], 0)));
  for (const y of await exchange(gpu)) expect([...y]).toEqual(expected);
});
