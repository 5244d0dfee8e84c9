/**
 * Chooses how products are computed by measuring on this very device, within a budget of time: for each class of shapes
 * the form that is used without tuning, and some others, are timed in turn. A form must first give the same numbers as a
 * plain kernel, and then be faster by more than the noise; else all stays as it was. The result is a table for `lower`.
 *
 * Forms round differently, so a table is not made twice: it is kept by the adapter's identity, what it has is never
 * measured again, and a run uses the table that it began with. So it has every class: where time is up, the usual form.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { productKernels } from '../graph/kernels/matmul.ts';
import { imageSize } from '../graph/kernels/patches.ts';
import type { Product, ProductForm } from '../graph/op.ts';
import { TooLargeError } from '../plan/limits.ts';
import { direct, formOf } from '../plan/lower.ts';
import { type Placement, type Plan, planStep } from '../plan/plan.ts';
import { Executor } from './executor.ts';
import { classesOf, type FormChoice, type MeasuredForms } from './form-choice.ts';
import { allocateSpaces, destroySpaces, type Spaces } from './spaces.ts';
import { readFloats } from './transfer.ts';

export interface TuningOptions extends FormChoice {
  /** Measured earlier on this adapter. */
  readonly known?: MeasuredForms;
  /** Time after which no further class is begun and no further form tried; default 2 s. */
  readonly budgetMs?: number;
  /** Told which share of the classes has been measured: first 0, where there are any. */
  readonly onProgress?: (fraction: number) => void;
}

const BUDGET_MS = 2000;
/** A series of a form takes about so long, so that handing it to the device does not count. */
const SERIES_MS = 4;
const MOST_REPETITIONS = 256;
const ROUNDS = 5;
/** A form must be faster by this share, and its slower half than the usual form's faster half. */
const GAIN = 0.05;
/** ||a - b|| / ||b|| between two ways to add up in float32, and the largest difference over the root mean square. */
const TOLERANCE = 1e-5;
const LARGEST = 1e-3;
/** Operands and results of a product that is tried: what takes more keeps its usual form. */
const MOST_BYTES = 2 ** 29;

/**
 * @param plans whose products are wanted
 * @returns what was known, and a form for every other class of the plans: that with most work first
 */
export async function tuneForms(
  gpu: Gpu,
  pipelines: PipelineCache,
  plans: readonly Plan[],
  { usual, candidates, known = [], budgetMs = BUDGET_MS, onProgress }: TuningOptions,
): Promise<MeasuredForms> {
  const deadline = performance.now() + budgetMs;
  const before = new Map(known);
  const unknown = [...classesOf(plans)].filter(([name]) => !before.has(name));
  const measured: [string, ProductForm][] = [];
  for (const [name, product] of unknown) {
    onProgress?.(measured.length / unknown.length);
    const form = formOf(usual, product);
    const isTried = fits(gpu, product) && performance.now() < deadline;
    const others = isTried ? candidates(product) : [];
    measured.push([name, await fastest(gpu, pipelines, product, form, others, deadline)]);
  }
  return [...known, ...measured];
}

/** Whether the device can hold the operands of a trial, beside what others may hold. */
function fits({ limits }: Gpu, product: Product): boolean {
  const bytes = bytesOf(product);
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  return bytes.every(size => size <= most) && bytes.reduce((sum, size) => sum + size, 0) <= MOST_BYTES;
}

/** Bytes of a, b, the result, and the result of the plain kernel. */
function bytesOf({ batch, summed, m, n, k, stepA, stepB, patches }: Product): number[] {
  const matrices = (step: number) => (step > 0 ? batch * summed : 1);
  const a = m * k * matrices(stepA);
  // Patches overlap: what they are taken from is the images.
  const b = patches ? imageSize(patches) * patches.images * summed : k * n * matrices(stepB);
  const result = batch * m * n;
  return [a, b, result, result].map(elements => 4 * elements);
}

async function fastest(
  gpu: Gpu,
  pipelines: PipelineCache,
  product: Product,
  usual: ProductForm,
  others: readonly ProductForm[],
  deadline: number,
): Promise<ProductForm> {
  if (others.length === 0) return usual;
  let trial: Trial | undefined;
  try {
    trial = await Trial.create(gpu, pipelines, product);
    const right: ProductForm[] = [usual];
    for (const form of others) {
      if (performance.now() >= deadline) break;
      if (await trial.isRight(form)) right.push(form);
    }
    if (right.length === 1) return usual;
    const times = await trial.time(right);
    return right[fasterThanFirst(times)];
  } catch (error) {
    // What does not fit beside what others hold is no reason not to train.
    if (error instanceof TooLargeError) return usual;
    throw error;
  } finally {
    trial?.destroy();
  }
}

/**
 * @param times milliseconds of several rounds of each form, the usual one first
 * @returns index of the fastest that beats the first by more than the noise, else 0
 */
export function fasterThanFirst(times: readonly (readonly number[])[]): number {
  const [first, ...others] = times.map(quartiles);
  let best = 0;
  let median = first.median;
  others.forEach((own, i) => {
    const clear = own.median < (1 - GAIN) * first.median && own.high < first.low;
    if (!clear || own.median >= median) return;
    best = i + 1;
    median = own.median;
  });
  return best;
}

function quartiles(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const last = sorted.length - 1;
  const [low, median, high] = [last / 4, last / 2, (3 * last) / 4].map(at => sorted[Math.round(at)]);
  return { low, median, high };
}

const SPACE = 'tuning';
const at = (block: number, bytes: number): Placement => ({ space: SPACE, block, offset: 0, bytes });

/** One product on made-up operands, to be computed in several forms. */
class Trial {
  readonly #gpu: Gpu;
  readonly #pipelines: PipelineCache;
  readonly #product: Product;
  readonly #bytes: readonly number[];
  readonly #spaces: Spaces;
  #plain = new Float32Array();

  private constructor(gpu: Gpu, pipelines: PipelineCache, product: Product, spaces: Spaces) {
    this.#gpu = gpu;
    this.#pipelines = pipelines;
    this.#product = product;
    this.#bytes = bytesOf(product);
    this.#spaces = spaces;
  }

  static async create(gpu: Gpu, pipelines: PipelineCache, of: Product): Promise<Trial> {
    // What is added on the way out changes little, and the plain kernel need not know it.
    const product: Product = { ...of, bias: 'none', accumulate: false, finish: undefined };
    const buffers = bytesOf(product).map(bytes => ({ bytes, label: 'an operand or a result' }));
    const spaces = await allocateSpaces(gpu, planOf({ [SPACE]: buffers }));
    const trial = new Trial(gpu, pipelines, product, spaces);
    for (const block of [0, 1]) {
      const values = madeUp(trial.#bytes[block] / 4, block);
      gpu.device.queue.writeBuffer(spaces[SPACE][block], 0, values);
    }
    trial.#plain = await trial.#result(formOf(direct, product));
    return trial;
  }

  /** Whether a form gives what the plain kernel gives. A form that does not compile is not right either. */
  async isRight(form: ProductForm): Promise<boolean> {
    const { device } = this.#gpu;
    // What a compiler refuses must not count as a fault of the run.
    device.pushErrorScope('validation');
    const own = await this.#result(form).catch(() => undefined);
    const refused = await device.popErrorScope();
    return own !== undefined && !refused && alike(own, this.#plain);
  }

  /** Milliseconds of each form in every round: in turn, so that a busy spell of the device meets all of them. */
  async time(forms: readonly ProductForm[]): Promise<number[][]> {
    const once = await Promise.all(forms.map(form => this.#open(form, 1)));
    await once[0].run();
    const repetitions = Math.ceil(SERIES_MS / Math.max(await once[0].run(), SERIES_MS / MOST_REPETITIONS));
    for (const { close } of once) close();
    const series = await Promise.all(forms.map(form => this.#open(form, repetitions)));
    const times: number[][] = forms.map(() => []);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, { run }] of series.entries()) {
        const ms = await run();
        // The first round warms up.
        if (round > 0) times[i].push(ms / repetitions);
      }
    }
    for (const { close } of series) close();
    return times;
  }

  destroy(): void {
    destroySpaces(this.#spaces);
  }

  async #result(form: ProductForm): Promise<Float32Array<ArrayBuffer>> {
    const { device } = this.#gpu;
    const [y] = this.#spaces[SPACE].slice(2);
    // What a form leaves out must not be what the one before wrote: every byte of it is a NaN's.
    device.queue.writeBuffer(y, 0, new Uint8Array(this.#bytes[2]).fill(0xff));
    const { run, close } = await this.#open(form, 1);
    await run();
    close();
    return readFloats(device, y, 0, this.#bytes[2]);
  }

  async #open(form: ProductForm, repetitions: number) {
    const { device } = this.#gpu;
    const { kernels, scratch = [] } = productKernels(this.#product, form);
    const partials = scratch.map(floats => ({ bytes: 4 * floats, label: 'partial results' }));
    const about = {
      label: form.shader,
      provenance: { layer: '', phase: 'forward', op: 'matmul', shape: [] },
    } as const;
    const once = kernels.map(kernel => {
      const places = kernel.operands.map(operand => {
        if (operand.kind === 'unused') return null;
        if (operand.kind === 'input') return at(operand.index, this.#bytes[operand.index]);
        if (operand.kind === 'output') return at(2, this.#bytes[2]);
        return { space: 'partials', block: operand.index, offset: 0, bytes: 4 * scratch[operand.index] };
      });
      return planStep(kernel, places, about);
    });
    const plan = {
      ...planOf({ [SPACE]: this.#spaces[SPACE].map(({ size }) => ({ bytes: size, label: '' })), partials }),
      steps: Array.from({ length: repetitions }, () => once).flat(),
    };
    const spaces = await allocateSpaces(this.#gpu, plan, { [SPACE]: this.#spaces[SPACE] });
    const executor = await Executor.create(this.#gpu, this.#pipelines, plan, spaces);
    return {
      run: async () => {
        const begun = performance.now();
        const encoder = device.createCommandEncoder();
        executor.encode(encoder);
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
        return performance.now() - begun;
      },
      close: () => {
        executor.destroy();
        destroySpaces({ partials: spaces.partials });
      },
    };
  }
}

const planOf = (spaces: Plan['spaces']): Plan => ({
  steps: [],
  spaces,
  inputs: new Map(),
  outputs: new Map(),
  exchanges: 0,
});

/** Numbers around zero that no row repeats: a sequence of prime length. */
function madeUp(size: number, seed: number): Float32Array<ArrayBuffer> {
  const length = Math.min(size, 65_537);
  const period = Float32Array.from({ length }, (_, i) => {
    const word = Math.imul(i + 1 + seed * 0x10000, 0x9e3779b1) >>> 0;
    return word / 2 ** 31 - 1;
  });
  const values = new Float32Array(size);
  for (let from = 0; from < size; from += length) {
    values.set(period.subarray(0, Math.min(length, size - from)), from);
  }
  return values;
}

function alike(own: Float32Array, plain: Float32Array): boolean {
  let [squares, norm, largest] = [0, 0, 0];
  for (let i = 0; i < plain.length; i++) {
    const difference = Math.abs(own[i] - plain[i]);
    squares += difference ** 2;
    norm += plain[i] ** 2;
    if (difference > largest) largest = difference;
  }
  // A NaN makes the sum NaN, and that is not below anything.
  return Math.sqrt(squares / norm) <= TOLERANCE && largest <= LARGEST * Math.sqrt(norm / plain.length);
}
