/**
 * Work that products do, computed in one form of them after the other: its time, and whether it is right on this device, in
 * the same run. Some results are held against sums in float64; all of them against another way to compute them.
 */

import { Executor } from '../../src/engine/executor.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../../src/engine/spaces.ts';
import { readFloats, writeInput } from '../../src/engine/transfer.ts';
import type { Product } from '../../src/graph/op.ts';
import { checkLimits } from '../../src/plan/limits.ts';
import { type FormTable, lower } from '../../src/plan/lower.ts';
import { isDispatch, type Plan } from '../../src/plan/plan.ts';
import { type Device, type Effort, type Timing, timePlan } from './timing.ts';

/** What is computed, and what it must be. */
export interface FormWork {
  readonly name: string;
  /** Its result is `y`. */
  readonly compiled: Plan;
  readonly inputs: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** The same, computed in another way and in the same places. */
  readonly plain: Plan;
  /** ||ours - float64|| / ||float64|| over some results. */
  sampleError(ours: Float32Array): number;
}

export interface FormErrors {
  /** Over the results that are sampled: see `FormWork`. */
  readonly sampleError: number;
  /** ||ours - plain|| / ||plain|| over all results, and the largest single difference over their root mean square. */
  readonly fullError: number;
  readonly largestError: number;
}

export interface FormTiming extends Timing, FormErrors {
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

export class FormBench {
  /** As kernels see them: several make a gradient of a convolution with strides. */
  readonly products: readonly Product[];
  /** A product and a sum for every pair of operands that meet. */
  readonly flops: number;
  readonly #device: Device;
  readonly #work: FormWork;
  readonly #spaces: Spaces;
  #plain: Float32Array | undefined;

  private constructor(device: Device, work: FormWork, spaces: Spaces) {
    this.#device = device;
    this.#work = work;
    this.#spaces = spaces;
    this.products = work.compiled.steps.filter(isDispatch).flatMap(({ product }) => product?.of ?? []);
    this.flops = this.products.reduce(
      (sum, { batch, summed, m, n, k }) => sum + 2 * batch * summed * m * n * k,
      0,
    );
  }

  /** @throws TooLargeError where the adapter cannot hold it */
  static async create(device: Device, work: FormWork): Promise<FormBench> {
    const { compiled, inputs } = work;
    checkLimits(compiled, device.gpu.limits);
    const spaces = await allocateSpaces(device.gpu, compiled);
    const executor = await Executor.create(device.gpu, device.pipelines, { ...compiled, steps: [] }, spaces);
    for (const name of compiled.inputs.keys()) writeInput(device.gpu.device, executor, name, inputs[name]);
    executor.destroy();
    return new FormBench(device, work, spaces);
  }

  /** Computes it in a form, compares, and then times it. @throws Error where it is wrong */
  measure(forms: FormTable, effort: Effort, tolerance = single): Promise<FormTiming> {
    const plan = lower(this.#work.compiled, forms);
    return this.#inSpaces(plan, async spaces => {
      const errors = await this.#errors(plan, spaces);
      const { relative, largest } = tolerance;
      const { sampleError, fullError, largestError } = errors;
      if (!(sampleError <= relative && fullError <= relative && largestError <= largest)) {
        throw new Error(`${this.#work.name} is wrong on this device: ${JSON.stringify(errors)}`);
      }
      const timing = await timePlan(this.#device, plan, spaces, effort);
      return { ...timing, ...errors, flops: this.flops };
    });
  }

  destroy(): void {
    destroySpaces(this.#spaces);
  }

  /** With room for partial results too, which a form may need. */
  async #inSpaces<Result>(plan: Plan, work: (spaces: Spaces) => Promise<Result>): Promise<Result> {
    const { gpu } = this.#device;
    checkLimits(plan, gpu.limits);
    const spaces = await allocateSpaces(gpu, plan, this.#spaces);
    try {
      return await work(spaces);
    } finally {
      const own = Object.entries(spaces).filter(([space]) => !this.#spaces[space]);
      destroySpaces(Object.fromEntries(own));
    }
  }

  async #errors(plan: Plan, spaces: Spaces): Promise<FormErrors> {
    const { plain, sampleError } = this.#work;
    this.#plain ??= await this.#inSpaces(plain, own => this.#result(plain, own));
    const ours = await this.#result(plan, spaces);
    return { sampleError: sampleError(ours), ...errorOfAll(ours, this.#plain) };
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
}

function errorOfAll(ours: Float32Array, plain: Float32Array): Pick<FormErrors, 'fullError' | 'largestError'> {
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
