/** Compares kernels with the float64 reference: an op's result and the gradient of every input. */
import { expect } from 'vitest';
import { evaluate } from '../../src/engine/run.ts';
import { ancestors, grad } from '../../src/graph/grad.ts';
import { mul } from '../../src/graph/ops/elementwise.ts';
import { type InputAttributes, inputTensor, isInput } from '../../src/graph/ops/leaf.ts';
import { sum } from '../../src/graph/ops/reduce.ts';
import { type Shape, sizeOf, type Tensor } from '../../src/graph/tensor.ts';
import type { FormTable } from '../../src/plan/lower.ts';
import { interpret } from '../reference/interpret.ts';
import { testGpu } from './gpu.ts';

/**
 * Cases of which Chromium tries all, and a second engine the first: those that have every branch of the kernels between them.
 * What is to be seen there is whether another compiler makes the same of them; shapes are tried in Chromium.
 */
export const casesOf = <Case>(everywhere: readonly Case[], inChromium: readonly Case[]): readonly Case[] =>
  navigator.userAgent.includes('Firefox') ? everywhere : [...everywhere, ...inChromium];

/** Deterministic values in (-1, 1), about uniform; exactly representable in f32, so both sides see the same. */
export function randomValues(size: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** ||a - b|| / ||b||. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}

export interface OpCheck {
  readonly shapes: readonly Shape[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Largest relative error of the result and of each gradient, as an L2 norm. */
  readonly tolerance: number;
  /** Maps the uniform values of each input, such as to keep a divisor away from zero. */
  readonly prepare?: (value: number, input: number) => number;
  /** Further leaves with values of their own (no gradient). */
  readonly given?: ReadonlyMap<Tensor, Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>;
  /** Of products; what suits the adapter where absent. */
  readonly forms?: FormTable;
}

/** Result and vjp (by a random cotangent) of one op against the reference. */
export async function checkOp({ shapes, build, tolerance, prepare, given, forms }: OpCheck): Promise<void> {
  const { gpu, pipelines } = await testGpu();
  const inputs = shapes.map((shape, i) => inputTensor(`x${i}`, shape));
  const result = build(...inputs);
  const cotangent = inputTensor('cotangent', result.shape);
  const gradients = grad(sum(mul(result, cotangent)), inputs);

  const leaves = new Map<Tensor, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(given);
  [...inputs, cotangent].forEach((leaf, i) => {
    const values = randomValues(sizeOf(leaf.shape), i + 1);
    leaves.set(leaf, prepare && leaf !== cotangent ? values.map(value => prepare(value, i)) : values);
  });
  const outputs = Object.fromEntries([result, ...gradients].map((tensor, i) => [`output${i}`, tensor]));
  const used = new Set(ancestors(result, ...gradients));
  const named = Object.fromEntries(
    [...leaves]
      .filter(([leaf]) => used.has(leaf) && isInput(leaf))
      .map(([leaf, values]) => [(leaf.attributes as InputAttributes).name, values]),
  );
  const computed = await evaluate(gpu, pipelines, outputs, named, forms);
  const expected = interpret([result, ...gradients], leaves);
  expected.forEach((truth, i) => {
    const what = i === 0 ? 'result' : `gradient of input ${i - 1}`;
    const actual = computed[`output${i}`];
    expect(actual.length, `${what}: size`).toBe(truth.length);
    expect(relativeError(actual, truth), `relative error of the ${what}`).toBeLessThanOrEqual(tolerance);
  });
}
