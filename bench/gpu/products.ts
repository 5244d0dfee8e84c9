/**
 * One matrix product: its time, and whether it is right on this device, in the same run. Rows of the result are held
 * against sums in float64; the whole result against a plain kernel, one invocation an element.
 */

import { Executor } from '../../src/engine/executor.ts';
import { formsFor } from '../../src/engine/forms.ts';
import { allocateSpaces, destroySpaces } from '../../src/engine/spaces.ts';
import { readFloats, writeInput } from '../../src/engine/transfer.ts';
import { input, type Kernel, output, work } from '../../src/graph/op.ts';
import { inputTensor } from '../../src/graph/ops/leaf.ts';
import { matmul, matmulSizes } from '../../src/graph/ops/matmul.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import { compile } from '../../src/plan/compile.ts';
import { layoutParameters } from '../../src/plan/layout.ts';
import { checkLimits } from '../../src/plan/limits.ts';
import { type FormTable, lower } from '../../src/plan/lower.ts';
import { isDispatch, type Plan, planStep } from '../../src/plan/plan.ts';
import { relativeError } from '../measure.ts';
import type { Product } from './models.ts';
import { type Device, type Effort, type Timing, timePlan } from './timing.ts';
import { madeUp } from './values.ts';

export interface ProductTiming extends Timing {
  readonly flops: number;
  /** ||ours - float64|| / ||float64|| over the sampled rows. */
  readonly rowError: number;
  /** ||ours - plain|| / ||plain|| over all results, and the largest single difference over their root mean square. */
  readonly fullError: number;
  readonly largestError: number;
}

/** A rounding error in float32 stays far below these; a wrong or missing element does not. */
const TOLERANCE = 1e-5;
const LARGEST_TOLERANCE = 1e-3;

/** Edge of the plain kernel's workgroups. */
const PLAIN_EDGE = 16;

/** @throws Error where the product is wrong, TooLargeError where the adapter cannot hold it */
export async function benchProduct(
  device: Device,
  product: Product,
  effort: Effort,
  forms = formsFor(device.gpu),
): Promise<ProductTiming> {
  const { gpu, pipelines } = device;
  const plan = productPlan(product, forms);
  checkLimits(plan, gpu.limits);
  const spaces = await allocateSpaces(gpu, plan);
  try {
    const [a, b] = [madeUp(sizeOf(product.a), 1), madeUp(sizeOf(product.b), 2)];
    const resultOf = async (tried: Plan) => {
      const executor = await Executor.create(gpu, pipelines, tried, spaces);
      writeInput(gpu.device, executor, 'a', a);
      writeInput(gpu.device, executor, 'b', b);
      const { buffer, offset, bytes } = executor.locate('y');
      // Results that a kernel leaves out must not be those of the kernel before.
      gpu.device.queue.writeBuffer(buffer, offset, new Float32Array(bytes / 4).fill(Number.NaN));
      const encoder = gpu.device.createCommandEncoder();
      executor.encode(encoder);
      gpu.device.queue.submit([encoder.finish()]);
      const values = await readFloats(gpu.device, buffer, offset, bytes);
      executor.destroy();
      return values;
    };
    const ours = await resultOf(plan);
    const errors = {
      rowError: errorOfRows(product, a, b, ours),
      ...errorOfAll(ours, await resultOf(plainPlan(product, plan))),
    };
    if (
      !(
        errors.rowError <= TOLERANCE &&
        errors.fullError <= TOLERANCE &&
        errors.largestError <= LARGEST_TOLERANCE
      )
    ) {
      throw new Error(`${product.name} is wrong on this device: ${JSON.stringify(errors)}`);
    }
    const { batch, summed, m, n, k } = matmulSizes(product.a, product.b, product.attributes);
    const timing = await timePlan(device, plan, spaces, effort);
    return { ...timing, ...errors, flops: 2 * batch * summed * m * n * k };
  } finally {
    destroySpaces(spaces);
  }
}

/** Inputs `a` and `b`, output `y`. */
export function productPlan({ a, b, attributes }: Product, forms: FormTable): Plan {
  const { transposeA, transposeB, sumBatch } = attributes;
  const y = matmul(inputTensor('a', a), inputTensor('b', b), { transposeA, transposeB, sumBatch });
  return lower(compile({ outputs: { y }, layout: layoutParameters([]) }), forms);
}

/** The same by `bench/kernels/plain.wgsl`, in the spaces of `plan`. */
function plainPlan({ a, b, attributes }: Product, plan: Plan): Plan {
  const { batch, summed, m, n, k, stepA, stepB } = matmulSizes(a, b, attributes);
  const { transposeA, transposeB } = attributes;
  const kernel: Kernel = {
    shader: 'plain',
    params: [m, n, k, summed, stepA, stepB, Number(transposeA), Number(transposeB)],
    operands: [input(0), input(1), output],
    workgroups: [Math.ceil(n / PLAIN_EDGE), Math.ceil(m / PLAIN_EDGE), batch],
    work: work('product', 2 * batch * summed * m * n * k, sizeOf(a) + sizeOf(b), batch * m * n),
  };
  const { inputs, outputs, steps } = plan;
  const places = [inputs.get('a')!, inputs.get('b')!, outputs.get('y')!];
  const step = planStep(kernel, places, steps.filter(isDispatch)[0]);
  return { ...plan, steps: [step] };
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
  const expected: number[] = [];
  const found: number[] = [];
  for (const row of new Set([0, 0.34, 0.67, 1].map(share => Math.round(share * (batch * m - 1))))) {
    expected.push(...rowOf(row, sizes, attributes, left, right));
    found.push(...ours.subarray(row * n, (row + 1) * n));
  }
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

function errorOfAll(
  ours: Float32Array,
  plain: Float32Array,
): Pick<ProductTiming, 'fullError' | 'largestError'> {
  let [squares, norm, largest] = [0, 0, 0];
  for (let i = 0; i < plain.length; i++) {
    const difference = Math.abs(ours[i] - plain[i]);
    squares += difference ** 2;
    norm += plain[i] ** 2;
    // Not Math.max: a NaN must count.
    if (!(difference <= largest)) largest = difference;
  }
  return { fullError: Math.sqrt(squares / norm), largestError: largest / Math.sqrt(norm / plain.length) };
}
