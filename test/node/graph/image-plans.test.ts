/**
 * The plan of a small network for images: operands are bound as their shaders declare them, no dispatch reads a buffer that it
 * writes, and what a kernel says it reads and writes is what it binds.
 */
import { expect, test } from 'vitest';
import { shaderNames, shaderText } from '../../../src/gpu/shaders.ts';
import { grad } from '../../../src/graph/grad.ts';
import { batchNorm, batchNormBy } from '../../../src/graph/ops/batch-norm.ts';
import { softmaxCrossEntropy, topCounts } from '../../../src/graph/ops/classify.ts';
import { conv2d } from '../../../src/graph/ops/conv.ts';
import { add, relu } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, stateTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { averagePool, globalAveragePool, maxPool } from '../../../src/graph/ops/pool.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters, layoutStates } from '../../../src/plan/layout.ts';
import { direct, lanes, lower } from '../../../src/plan/lower.ts';
import { type DispatchStep, isDispatch } from '../../../src/plan/plan.ts';

const textOf = new Map(
  await Promise.all((await shaderNames()).map(async name => [name, await shaderText(name)] as const)),
);

/** Storage variables of a shader by binding, and whether each can be written. */
function declared(shader: string): Map<number, boolean> {
  const variables = textOf.get(shader)!.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)>/g);
  return new Map([...variables].map(([, binding, access]) => [Number(binding), access === 'read_write']));
}

function faultsOf({ label, shader, operands, work }: DispatchStep): string[] {
  const written = declared(shader);
  const faults = operands.flatMap((operand, i) => {
    const isWritten = written.get(i + 1);
    if (isWritten === undefined) return [`binding ${i + 1} is not declared`];
    return operand && isWritten !== (operand.access !== 'read')
      ? [`binding ${i + 1} is bound to ${operand.access}`]
      : [];
  });
  if (written.size !== operands.length)
    faults.push(`${written.size} bindings for ${operands.length} operands`);
  const bound = operands.flatMap(operand => operand ?? []);
  const bufferOf = ({ space, block }: { space: string; block: number }) => `${space} ${block}`;
  for (const target of bound.filter(({ access }) => access !== 'read')) {
    const others = bound.filter(other => other !== target && bufferOf(other) === bufferOf(target));
    if (others.length > 0) faults.push('binds twice what it writes');
  }
  const bytes = (reads: boolean) =>
    bound
      .filter(({ access }) => access === 'update' || (access === 'read') === reads)
      .reduce((sum, operand) => sum + operand.bytes, 0);
  // A stride leaves pixels out, and a phase of a gradient makes a part.
  if (work.read > bytes(true) || work.written > bytes(false)) faults.push('says more than it binds');
  return faults.map(fault => `${label} (${shader}): ${fault}`);
}

test('forward, backward, states and counts, in every form', () => {
  const states: Tensor[] = [];
  const next = new Map<Tensor, Tensor>();
  const weights: Tensor[] = [];
  const weight = (...shape: number[]) => {
    weights.push(inputTensor(`w${weights.length}`, shape));
    return weights[weights.length - 1];
  };
  const norm = (x: Tensor) => {
    const [, channels] = x.shape;
    const state = stateTensor({ name: `norm${states.length}`, shape: [2, channels], initial: [0, 1] });
    states.push(state);
    const { y, running } = batchNorm(x, state, weight(channels), weight(channels));
    next.set(state, running);
    return y;
  };
  const x = inputTensor('x', [3, 3, 12, 10]);
  const stem = relu(norm(conv2d(x, weight(6, 3, 7, 7), { stride: 2, padding: 3 })));
  const pooled = add(
    maxPool(stem, { kernel: 3, stride: 1, padding: 1 }),
    averagePool(stem, { kernel: 3, stride: 1, padding: 1 }),
  );
  const inner = relu(norm(conv2d(pooled, weight(5, 6, 1, 1))));
  const last = norm(conv2d(inner, weight(9, 5, 3, 3), { stride: 2, padding: 1, bias: weight(9) }));
  const shortcut = norm(conv2d(pooled, weight(9, 6, 1, 1), { stride: 2 }));
  const frozen = batchNormBy(relu(add(last, shortcut)), weight(2, 9), weight(9), weight(9));
  const logits = matmul(globalAveragePool(frozen), weight(9, 7));
  const labels = inputTensor('labels', [3], 'u32');
  const loss = softmaxCrossEntropy(logits, labels, { smoothing: 0.1 });
  const used = weights.filter(({ shape }) => shape.length !== 2 || shape[0] !== 2);
  const gradients = grad(loss, [x, ...used]).map((gradient, i) => [`g${i}`, gradient] as const);
  const outputs = { loss, counts: topCounts(logits, labels), ...Object.fromEntries(gradients) };
  const plan = compile({
    outputs,
    layout: layoutParameters([]),
    state: layoutStates(states),
    assigned: next,
  });
  for (const each of [plan, lower(plan, direct), lower(plan, lanes)]) {
    const dispatches = each.steps.filter(isDispatch);
    expect(dispatches.flatMap(faultsOf)).toEqual([]);
    const shaders = new Set(dispatches.map(({ shader }) => shader));
    for (const shader of [
      'pool',
      'pool_gradient',
      'batch_gradient',
      'batch_update',
      'cross_entropy',
      'top_hits',
    ]) {
      expect(shaders).toContain(shader);
    }
    expect(dispatches.slice(-3).map(({ shader }) => shader)).toEqual([
      'batch_update',
      'batch_update',
      'batch_update',
    ]);
  }
});
