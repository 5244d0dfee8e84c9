/**
 * Matrix products: their time, and whether they are right on this device, in the same run. Rows of the result are held
 * against sums in float64; the whole result against a plain kernel, one invocation an element.
 */

import { Executor } from '../../src/engine/executor.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../../src/engine/spaces.ts';
import { readFloats, writeInput } from '../../src/engine/transfer.ts';
import { input, type Kernel, output, type Product as ProductSizes, work } from '../../src/graph/op.ts';
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

export interface ProductErrors {
  /** ||ours - float64|| / ||float64|| over the sampled rows. */
  readonly rowError: number;
  /** ||ours - plain|| / ||plain|| over all results, and the largest single difference over their root mean square. */
  readonly fullError: number;
  readonly largestError: number;
}

export interface ProductTiming extends Timing, ProductErrors {
  readonly flops: number;
}

/** What a rounding error stays far below, and a wrong or missing element does not: over all, and for a single one. */
export interface Tolerance {
  readonly relative: number;
  readonly largest: number;
}

export const single: Tolerance = { relative: 1e-5, largest: 1e-3 };
/** Of products whose operands are rounded to half precision. */
export const half: Tolerance = { relative: 2e-3, largest: 2e-2 };

/** Edge of the plain kernel's workgroups. */
const PLAIN_EDGE = 16;

/** One product on the device, to be computed in one form after the other. */
export class ProductBench {
  /** As kernels see it. */
  readonly sizes: ProductSizes;
  readonly flops: number;
  readonly #device: Device;
  readonly #product: Product;
  readonly #values: readonly Float32Array<ArrayBuffer>[];
  readonly #compiled: Plan;
  readonly #spaces: Spaces;
  #plain: Float32Array | undefined;

  private constructor(device: Device, product: Product, compiled: Plan, spaces: Spaces) {
    this.#device = device;
    this.#product = product;
    this.#compiled = compiled;
    this.#spaces = spaces;
    this.#values = [madeUp(sizeOf(product.a), 1), madeUp(sizeOf(product.b), 2)];
    this.sizes = compiled.steps.filter(isDispatch)[0].product!.of;
    const { batch, summed, m, n, k } = this.sizes;
    this.flops = 2 * batch * summed * m * n * k;
  }

  /** @throws TooLargeError where the adapter cannot hold it */
  static async create(device: Device, product: Product): Promise<ProductBench> {
    const { transposeA, transposeB, sumBatch } = product.attributes;
    const [a, b] = [inputTensor('a', product.a), inputTensor('b', product.b)];
    const y = matmul(a, b, { transposeA, transposeB, sumBatch });
    const compiled = compile({ outputs: { y }, layout: layoutParameters([]) });
    checkLimits(compiled, device.gpu.limits);
    const spaces = await allocateSpaces(device.gpu, compiled);
    const bench = new ProductBench(device, product, compiled, spaces);
    const executor = await Executor.create(device.gpu, device.pipelines, bench.#plainPlan(), spaces);
    ['a', 'b'].forEach((name, i) => {
      writeInput(device.gpu.device, executor, name, bench.#values[i]);
    });
    executor.destroy();
    return bench;
  }

  /** Computes it in a form, compares, and then times it. @throws Error where it is wrong */
  async measure(forms: FormTable, effort: Effort, tolerance = single): Promise<ProductTiming> {
    const { gpu } = this.#device;
    const plan = lower(this.#compiled, forms);
    const spaces = await allocateSpaces(gpu, plan, this.#spaces);
    try {
      const errors = await this.#errors(plan, spaces);
      const { relative, largest } = tolerance;
      const { rowError, fullError, largestError } = errors;
      if (!(rowError <= relative && fullError <= relative && largestError <= largest)) {
        throw new Error(`${this.#product.name} is wrong on this device: ${JSON.stringify(errors)}`);
      }
      const timing = await timePlan(this.#device, plan, spaces, effort);
      return { ...timing, ...errors, flops: this.flops };
    } finally {
      const own = Object.entries(spaces).filter(([space]) => !this.#spaces[space]);
      destroySpaces(Object.fromEntries(own));
    }
  }

  destroy(): void {
    destroySpaces(this.#spaces);
  }

  async #errors(plan: Plan, spaces: Spaces): Promise<ProductErrors> {
    this.#plain ??= await this.#result(this.#plainPlan(), this.#spaces);
    const ours = await this.#result(plan, spaces);
    const [a, b] = this.#values;
    return { rowError: errorOfRows(this.#product, a, b, ours), ...errorOfAll(ours, this.#plain) };
  }

  async #result(plan: Plan, spaces: Spaces): Promise<Float32Array> {
    const { gpu, pipelines } = this.#device;
    const executor = await Executor.create(gpu, pipelines, plan, spaces);
    const { buffer, offset, bytes } = executor.locate('y');
    // Results that a kernel leaves out must not be those of the kernel before.
    gpu.device.queue.writeBuffer(buffer, offset, new Float32Array(bytes / 4).fill(Number.NaN));
    const encoder = gpu.device.createCommandEncoder();
    executor.encode(encoder);
    gpu.device.queue.submit([encoder.finish()]);
    const values = await readFloats(gpu.device, buffer, offset, bytes);
    executor.destroy();
    return values;
  }

  /** The same by `bench/kernels/plain.wgsl`. */
  #plainPlan(): Plan {
    const { a, b, attributes } = this.#product;
    const { batch, summed, m, n, k, stepA, stepB } = matmulSizes(a, b, attributes);
    const { transposeA, transposeB } = attributes;
    const kernel: Kernel = {
      shader: 'plain',
      params: [m, n, k, summed, stepA, stepB, Number(transposeA), Number(transposeB)],
      operands: [input(0), input(1), output],
      workgroups: [Math.ceil(n / PLAIN_EDGE), Math.ceil(m / PLAIN_EDGE), batch],
      work: work('product', this.flops, sizeOf(a) + sizeOf(b), batch * m * n),
    };
    const { inputs, outputs, steps } = this.#compiled;
    const places = [inputs.get('a')!, inputs.get('b')!, outputs.get('y')!];
    return { ...this.#compiled, steps: [planStep(kernel, places, steps.filter(isDispatch)[0])] };
  }
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

function errorOfAll(
  ours: Float32Array,
  plain: Float32Array,
): Pick<ProductErrors, 'fullError' | 'largestError'> {
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
