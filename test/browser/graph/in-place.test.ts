/** Results that take the place of an operand: sums that products and sums are added to, and elementwise functions. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/engine/run.ts';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import { concat } from '../../../src/graph/ops/copy.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import { add, div, exp, gelu, mul, relu, square, sub } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, wordsTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { layerNorm } from '../../../src/graph/ops/norm.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import { type Shape, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { direct, type FormTable, tiles } from '../../../src/plan/lower.ts';
import { interpret } from '../../reference/interpret.ts';
import { randomValues, relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

const leaves = (...shapes: Shape[]): Tensor[] => shapes.map((shape, i) => inputTensor(`x${i}`, shape));
/** A copy that is joined to nothing, and nothing but a step on the way, so that its place can be taken. */
const between = (x: Tensor): Tensor => concat([x], 0);

/** Compares `y` with the reference; `arena` is the number of tensors of its size that the plan may hold. */
async function check(y: Tensor, inputs: readonly Tensor[], arena: number, forms?: FormTable): Promise<void> {
  const { gpu, pipelines } = await testGpu();
  const { spaces } = compile({ outputs: { y }, layout: layoutParameters([]) });
  expect(spaces.arena.filter(({ bytes }) => bytes === 4 * sizeOf(y.shape)).length).toBe(arena);
  const values = inputs.map(({ shape, dtype }, i) =>
    dtype === 'u32' ? Uint32Array.of(7, 0, 3, 0) : randomValues(sizeOf(shape), i + 1),
  );
  const used = new Set(ancestors(y));
  const named = Object.fromEntries(
    inputs.flatMap((leaf, i) =>
      used.has(leaf) ? [[(leaf.attributes as { name: string }).name, values[i]]] : [],
    ),
  );
  const computed = await evaluate(gpu, pipelines, { y }, named, forms);
  const [truth] = interpret([y], new Map(inputs.map((leaf, i) => [leaf, values[i]])));
  expect(relativeError(computed.y, truth)).toBeLessThanOrEqual(1e-5);
}

/** The form that suits the adapter, and those that a software adapter would not choose. */
describe.each([
  ['what suits', undefined],
  ['tiles', tiles],
  ['direct', direct],
])('products by %s', (_, forms) => {
  test.each([
    [7, 13, 5], // a small tile, with edges
    [129, 66, 33],
    [3, 2, 1030], // the inner axis split, the parts added last
  ])('%i x %i x %i, added to a product and to a sum', async (m, n, k) => {
    const [a, b, c, d] = leaves([m, k], [k, n], [n, k], [m, n]);
    const second = matmul(a, c, { transposeB: true });
    await check(add(matmul(a, b), second), [a, b, c], 1, forms);
    await check(add(between(d), matmul(a, b)), [a, b, d], 1, forms);
  });

  test('batched, in large tiles, and with a bias', async () => {
    const [a, b, c, bias] = leaves([64, 57, 3], [64, 3, 60], [64, 57, 60], [60]);
    await check(add(between(c), matmul(a, b, { bias })), [a, b, c, bias], 1, forms);
  });
});

test('sums, short and long', async () => {
  for (const rows of [5, 300]) {
    const [a, b] = leaves([rows, 67], [rows, 67]);
    await check(add(sum(a, [0]), sum(b, [0])), [a, b], 1);
  }
});

test.each([
  { channels: 12, groups: 2, segments: 2 },
  { channels: 138, groups: 1, segments: 1 }, // a workgroup a group
])('the gradient of a norm takes the place of its cotangent: %o', async ({ channels, ...layout }) => {
  const [x, weight, bias, dy] = leaves([9, channels], [channels], [channels], [9, channels]);
  const loss = sum(mul(layerNorm(x, weight, bias, layout), between(dy)));
  await check(grad(loss, [x])[0], [x, weight, bias, dy], 1);
});

describe('elementwise functions take the place of', () => {
  test.each([
    ['the first operand', 0],
    ['the second operand', 1],
  ])('%s', async (_, place) => {
    const [a, b] = leaves([5, 31], [5, 31]);
    for (const f of [add, sub, mul, div]) {
      await check(place === 0 ? f(between(a), b) : f(a, between(b)), [a, b], 1);
    }
  });

  test('an operand beside one that is broadcast', async () => {
    const [a, row] = leaves([5, 31], [31]);
    await check(sub(row, between(a)), [a, row], 1);
    await check(sub(between(a), row), [a, row], 1);
  });

  test('their only operand', async () => {
    const [a] = leaves([3, 67]);
    for (const f of [square, exp, relu, gelu]) await check(f(between(a)), [a], 1);
  });

  test('what dropout reads', async () => {
    const [a] = leaves([7, 13]);
    const random = wordsTensor('random', [4]);
    await check(dropout(between(a), random, 0.3, 2), [a, random], 1);
  });
});
