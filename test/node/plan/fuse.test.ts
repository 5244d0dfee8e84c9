/** What the compiler joins, and what it leaves apart. */
import { describe, expect, test } from 'vitest';
import type { Group } from '../../../src/graph/op.ts';
import { gatherBlocks } from '../../../src/graph/ops/collective.ts';
import { permute, slice } from '../../../src/graph/ops/copy.ts';
import { add, exp, gelu, mul, relu, scale, square, sub } from '../../../src/graph/ops/elementwise.ts';
import { fill } from '../../../src/graph/ops/fill.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { layerNorm } from '../../../src/graph/ops/norm.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { isDispatch } from '../../../src/plan/plan.ts';
import { forecastPresets as presets } from '../../../src/session/api/presets.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { demo } from '../models/demo-model.ts';

const dispatchesOf = (outputs: Record<string, Tensor>) =>
  compile({ outputs, layout: layoutParameters([]) }).steps.filter(isDispatch);
const opsOf = (outputs: Record<string, Tensor>) => dispatchesOf(outputs).map(({ label }) => label);

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => inputTensor(name, [64, 64]));

test.each([0, presets.demo.model.options.dropout])(
  "the demo's step, with a dropout of %d, takes 90 kernels at most",
  dropout => {
    const { plan } = trainingPlan(
      forecastJob({ ...demo, dropout }),
      presets.demo.batch,
      presets.demo.optimizer,
    );
    expect(plan.steps.filter(isDispatch).length).toBeLessThanOrEqual(90);
  },
);

describe('joined are', () => {
  test('chains, whichever operand goes on', () => {
    expect(opsOf({ y: mul(sub(a, exp(b)), c) })).toEqual(['exp, sub, mul']);
    expect(opsOf({ y: permute(relu(slice(a, [1, 0], [8, 64])), [1, 0]) })).toEqual(['relu, permute']);
  });

  test('known values with what they scale and shift', () => {
    const [step] = dispatchesOf({ y: add(mul(fill([1], 3), scale(a, 0.5)), fill([1], 2)) });
    expect(step.constants).toMatchObject({ F1: 20 });
    expect(step.constants).not.toHaveProperty('F2');
    expect(opsOf({ y: scale(fill([2, 2], 3), 2) })).toEqual(['fill']);
  });

  test('what follows a product, with its work', () => {
    const [product] = dispatchesOf({ y: matmul(a, b) });
    const [joined, ...more] = dispatchesOf({ y: add(c, matmul(a, b)) });
    expect([joined.label, more]).toEqual(['matmul, add', []]);
    expect(joined.work.flops - product.work.flops).toBe(64 * 64);
    expect(joined.work.read - product.work.read).toBe(4 * 64 * 64);
    const [both] = dispatchesOf({ y: gelu(product2), product2 });
    expect(both.work.written).toBe(2 * 4 * 64 * 64);
  });

  test('a norm and its statistics, which are left out where nothing else needs them', () => {
    const [weight, bias] = [inputTensor('weight', [64]), inputTensor('bias', [64])];
    const steps = dispatchesOf({ y: layerNorm(a, weight, bias, { groups: 2, segments: 1 }) });
    expect(steps.map(({ shader }) => shader)).toEqual(['norm_statistics']);
    expect(steps[0].operands[3]).toBeNull();
  });

  test('squares with their sum, and its factor', () => {
    const labels = opsOf({ y: scale(sum(square(a)), 0.25) });
    expect(new Set(labels)).toEqual(new Set(['square, sum, affine']));
  });
});

const product2 = matmul(c, d);

describe('apart stay', () => {
  test('what is read twice, or wanted', () => {
    const twice = exp(a);
    expect(opsOf({ y: mul(sub(twice, b), twice) })).toEqual(['exp', 'sub, mul']);
    expect(opsOf({ y: relu(twice), twice })).toEqual(['exp', 'relu']);
  });

  test('what would be computed again for every copy', () => {
    expect(opsOf({ y: add(a, exp(inputTensor('row', [64]))) })).toEqual(['exp', 'add']);
  });

  test('more than one kernel can do', () => {
    const [e, f] = ['e', 'f'].map(name => inputTensor(name, [64, 64]));
    expect(opsOf({ y: [b, c, d, e, f].reduce(sub, a) })).toEqual(['sub, sub, sub', 'sub, sub']);
  });

  test('what can be computed while an exchange is under way, from what waits for it', () => {
    const group: Group = { name: 'row', members: [0, 1], index: 0 };
    const [, { block }] = gatherBlocks(a, group);
    expect(opsOf({ y: add(matmul(b, c), block) })).toEqual(['matmul', 'add']);
    expect(opsOf({ y: add(exp(b), block) })).toEqual(['exp', 'add']);
    expect(opsOf({ y: add(matmul(block, c), b) })).toEqual(['matmul, add']);
  });
});
