/** What a plan keeps in memory. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.ts';
import { slice } from '../../../src/graph/ops/copy.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import { add, exp, gelu, mul, scale } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, parameterTensor, wordsTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { broadcastTo, sum } from '../../../src/graph/ops/reduce.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { isDispatch, type Plan } from '../../../src/plan/plan.ts';

const planOf = (outputs: Record<string, Tensor>): Plan => compile({ outputs, layout: layoutParameters([]) });
const shadersOf = ({ steps }: Plan) => steps.filter(isDispatch).map(({ shader }) => shader);
const arenaBytes = ({ spaces }: Plan) => spaces.arena.map(({ bytes }) => bytes);

const [a, b, c] = ['a', 'b', 'c'].map(name => inputTensor(name, [64, 64]));
const BYTES = 4 * 64 * 64;

describe('sums', () => {
  test('a product is added to the one before it where that lies', () => {
    const plan = planOf({ y: add(matmul(a, b), matmul(b, c)) });
    expect(shadersOf(plan).every(shader => /^matmul/.test(shader))).toBe(true);
    expect(arenaBytes(plan)).toEqual([BYTES]);
  });

  test('so is one of several terms, and a sum', () => {
    const products = [matmul(a, b), matmul(b, c), matmul(c, a), matmul(c, b)];
    expect(arenaBytes(planOf({ y: products.reduce(add) }))).toEqual([BYTES]);
    const rows = planOf({ y: add(sum(a, [0]), sum(b, [0])) });
    expect(shadersOf(rows)).toEqual(['sum', 'sum']);
    expect(arenaBytes(rows)).toEqual([256]);
  });

  test('a term that is needed elsewhere too keeps its own memory', () => {
    const [first, second] = [matmul(a, b), matmul(b, c)];
    const once = 2 * BYTES;
    expect(arenaBytes(planOf({ y: add(first, second), first })).reduce((x, y) => x + y)).toBe(once);
    expect(arenaBytes(planOf({ y: add(first, second), second })).reduce((x, y) => x + y)).toBe(once);
  });

  test('terms of other shapes are broadcast, not accumulated', () => {
    const row = sum(a, [0]);
    expect(shadersOf(planOf({ y: add(matmul(a, b), row) })).at(-1)).toBe('elementwise');
  });

  test('gradients of micro-batches are summed where the gradients lie', () => {
    const weight = parameterTensor({
      name: 'weight',
      shape: [64, 64],
      initializer: { centre: 0, bound: 1 },
      part: 'all',
      decays: true,
    });
    const loss = [a, b, c].map(part => sum(matmul(part, weight))).reduce(add);
    const gradients = new Map([[weight as Tensor, grad(loss, [weight])[0]]]);
    const plan = compile({ outputs: {}, layout: layoutParameters([weight]), gradients });
    const written = plan.steps.flatMap(step =>
      isDispatch(step) && step.shader.startsWith('matmul') ? [step.operands.at(-1)] : [],
    );
    const place = { space: 'gradients', block: 0, offset: 0, bytes: BYTES };
    expect(written).toEqual(['write', 'update', 'update'].map(access => ({ ...place, access })));
  });
});

describe('elementwise functions', () => {
  test('take the place of what they read last', () => {
    const random = wordsTensor('random', [4]);
    const chain = dropout(gelu(exp(scale(matmul(a, b), 2))), random, 0.1, 0);
    expect(arenaBytes(planOf({ y: mul(chain, c) }))).toEqual([BYTES]);
  });

  test('but not of what is an output, or read again', () => {
    const product = matmul(a, b);
    expect(arenaBytes(planOf({ y: exp(product), product }))).toEqual([BYTES, BYTES]);
    expect(arenaBytes(planOf({ y: mul(exp(product), product) }))).toEqual([BYTES, BYTES]);
  });

  test('read what is repeated without writing it out', () => {
    const row = inputTensor('row', [1, 64]);
    const plan = planOf({ y: mul(broadcastTo(row, [64, 64]), a) });
    expect(shadersOf(plan)).toEqual(['elementwise']);
    // Two that are repeated along different axes make a larger one.
    const column = broadcastTo(inputTensor('column', [64, 1]), [64, 64]);
    expect(planOf({ y: mul(broadcastTo(row, [64, 64]), column) }).outputs.get('y')?.bytes).toBe(BYTES);
  });
});

test('the first rows of a tensor are no copy, and an output of them has their length', () => {
  const plan = planOf({ y: slice(exp(a), [0, 0], [3, 64]) });
  expect(shadersOf(plan)).toEqual(['elementwise']);
  expect(plan.outputs.get('y')).toMatchObject({ space: 'arena', offset: 0, bytes: 4 * 3 * 64 });
  const whole = exp(a);
  const others = planOf({ whole, y: slice(whole, [1, 0], [3, 64]) });
  expect(shadersOf(others)).toEqual(['elementwise', 'elementwise']);
});
