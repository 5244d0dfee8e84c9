/** Matrix products as work for `FormBench`: rows of them in float64, and a plain kernel, one invocation an element. */

import { input, type Kernel, output, work } from '../../src/graph/op.ts';
import { inputTensor } from '../../src/graph/ops/leaf.ts';
import { matmul, matmulSizes } from '../../src/graph/ops/matmul.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import { compile } from '../../src/plan/compile.ts';
import { layoutParameters } from '../../src/plan/layout.ts';
import { isDispatch, type Plan, planStep } from '../../src/plan/plan.ts';
import { relativeError } from '../measure.ts';
import type { FormWork } from './form-bench.ts';
import type { Product } from './models.ts';
import { madeUp } from './values.ts';

/** Edge of the plain kernel's workgroups. */
const PLAIN_EDGE = 16;

/** A product on made-up operands. */
export function productWork(product: Product): FormWork {
  const { transposeA, transposeB, sumBatch, longestSum } = product.attributes;
  const [a, b] = [inputTensor('a', product.a), inputTensor('b', product.b)];
  const y = matmul(a, b, { transposeA, transposeB, sumBatch, longestSum });
  const compiled = compile({ outputs: { y }, layout: layoutParameters([]) });
  const [left, right] = [madeUp(sizeOf(product.a), 1), madeUp(sizeOf(product.b), 2)];
  return {
    name: product.name,
    compiled,
    inputs: { a: left, b: right },
    plain: plainPlan(product, compiled),
    sampleError: ours => errorOfRows(product, left, right, ours),
  };
}

/** The same by `bench/kernels/plain.wgsl`. */
function plainPlan({ a, b, attributes }: Product, compiled: Plan): Plan {
  const { batch, summed, m, n, k, stepA, stepB } = matmulSizes(a, b, attributes);
  const { transposeA, transposeB } = attributes;
  const kernel: Kernel = {
    shader: 'plain',
    params: [m, n, k, summed, stepA, stepB, Number(transposeA), Number(transposeB)],
    operands: [input(0), input(1), output],
    workgroups: [Math.ceil(n / PLAIN_EDGE), Math.ceil(m / PLAIN_EDGE), batch],
    work: work('product', 2 * batch * summed * m * n * k, sizeOf(a) + sizeOf(b), batch * m * n),
  };
  const { inputs, outputs, steps } = compiled;
  const places = [inputs.get('a')!, inputs.get('b')!, outputs.get('y')!];
  return { ...compiled, steps: [planStep(kernel, places, steps.filter(isDispatch)[0])] };
}

/** The first row of the first matrix, the last of the last, and two in between. */
function errorOfRows(
  { a, b, attributes }: Product,
  left: Float32Array,
  right: Float32Array,
  ours: Float32Array,
): number {
  const sizes = matmulSizes(a, b, attributes);
  const { batch, m, n } = sizes;
  const rows = new Set([0, 0.34, 0.67, 1].map(share => Math.round(share * (batch * m - 1))));
  const expected = new Float64Array(rows.size * n);
  const found = new Float64Array(rows.size * n);
  [...rows].forEach((row, i) => {
    expected.set(rowOf(row, sizes, attributes, left, right), i * n);
    found.set(ours.subarray(row * n, (row + 1) * n), i * n);
  });
  return relativeError(found, expected);
}

/** @param row among those of all matrices of the result */
function rowOf(
  row: number,
  { m, n, k, summed, stepA, stepB }: ReturnType<typeof matmulSizes>,
  { transposeA, transposeB }: Product['attributes'],
  a: Float32Array,
  b: Float32Array,
): Float64Array {
  const [matrix, i] = [Math.floor(row / m), row % m];
  const [rowStep, depthStepA] = transposeA ? [1, m] : [k, 1];
  const [columnStep, depthStepB] = transposeB ? [k, 1] : [1, n];
  const sums = new Float64Array(n);
  for (let s = matrix * summed; s < (matrix + 1) * summed; s++) {
    for (let depth = 0; depth < k; depth++) {
      const factor = a[s * stepA + i * rowStep + depth * depthStepA];
      const first = s * stepB + depth * depthStepB;
      for (let j = 0; j < n; j++) sums[j] += factor * b[first + j * columnStep];
    }
  }
  return sums;
}
