/** The sections of the bench: each measures its list, prints a row as soon as it has it, and gives what it found. */
import { join } from 'node:path';
import { formsFor } from '../../src/engine/forms.ts';
import { adapterIdentity, type MeasuredForms, withMeasured } from '../../src/engine/tuner.ts';
import { variants } from '../kernels/family.ts';
import { checkVariants, isAllowed } from './check-variants.ts';
import { keepForms, readForms } from './kept-forms.ts';
import type { Draw, Peak, PowerMeter } from './machine.ts';
import { type BenchModel, modelNamed, type Product, productsOf, square } from './models.ts';
import { benchPass, emptyPass, type Pass, passesOf } from './passes.ts';
import { half, ProductBench, type ProductTiming, single } from './products.ts';
import type { SizeList } from './sizes.ts';
import { benchStep, type StepResult, type StepStart, tuneStep } from './steps.ts';
import { bandwidthRow, productRow, stepRow } from './tables.ts';
import type { Device, Effort, Timing } from './timing.ts';
import type { Torch } from './torch.ts';
import { always, formsOf } from './variants.ts';

export interface Bench {
  readonly device: Device;
  readonly sizes: SizeList;
  readonly peak: Peak | undefined;
  readonly torch: Torch | undefined;
  readonly meter: PowerMeter;
  /** Where the fastest forms of products are kept, to be measured where they are not; '' for the usual ones alone. */
  readonly formsFile: string;
  /** A folder for files of this run. */
  readonly scratch: string;
  /** What cannot be measured is said, and undefined; the rest goes on. */
  readonly attempt: <Result>(name: string, work: () => Promise<Result>) => Promise<Result | undefined>;
}

type Answer<Method extends 'product' | 'pass' | 'step'> = Awaited<ReturnType<Torch[Method]>> | undefined;

interface Measured<Ours, Theirs> {
  readonly ours: Ours;
  readonly theirs: Theirs;
  /** Of the GPU while ours ran. */
  readonly draw: Draw | undefined;
}

/** Measures ours and the power meanwhile, then theirs. */
async function beside<Ours, Theirs>(
  { attempt, meter }: Bench,
  name: string,
  work: () => Promise<Ours>,
  theirs: () => Promise<Theirs> | undefined,
): Promise<Measured<Ours, Theirs | undefined> | undefined> {
  meter.read();
  const ours = await attempt(name, work);
  const draw = meter.read();
  return ours && { ours, theirs: await theirs(), draw };
}

export async function benchProducts(bench: Bench) {
  const { device, sizes, torch, peak } = bench;
  console.log(
    `\n${'products'.padEnd(62)}      ms  (quartiles)     TFLOP/s   peak  PyTorch   ours/its  error`,
  );
  const results: (Product & Measured<ProductTiming, Answer<'product'>>)[] = [];
  const models = sizes.models.flatMap(name => productsOf(modelNamed(name)));
  for (const product of [...sizes.squares.map(square), ...models]) {
    const measured = await beside(
      bench,
      product.name,
      () => benchProduct(device, product, sizes),
      () => torch?.product(product),
    );
    if (!measured) continue;
    results.push({ ...product, ...measured });
    console.log(productRow(product.name, measured.ours, measured.theirs, peak));
  }
  return results;
}

async function benchProduct(device: Device, product: Product, effort: Effort): Promise<ProductTiming> {
  const bench = await ProductBench.create(device, product);
  try {
    return await bench.measure(formsFor(device.gpu), effort);
  } finally {
    bench.destroy();
  }
}

/** Every variant of the family that the adapter allows, on the squares and the products of the models. */
export async function benchVariants(bench: Bench) {
  const { device, sizes, attempt } = bench;
  console.log('\nvariants of the product');
  const compared = await attempt('variants', () => checkVariants(device, sizes.thorough));
  if (compared === undefined) return undefined;
  console.log(`${compared} products are right, compared with sums in float64`);
  if (!sizes.thorough) return { compared, products: [] };
  const models = sizes.detailed.flatMap(name => productsOf(modelNamed(name)));
  const results: (Product & { readonly forms: readonly FormTiming[] })[] = [];
  for (const product of [...sizes.squares.map(square), ...models]) {
    const forms = await attempt(product.name, () => timeForms(bench, product));
    if (!forms) continue;
    results.push({ ...product, forms });
    const [best] = forms;
    const usual = forms.find(({ shader }) => shader === 'default')!;
    const rate = (timing: FormTiming) => (timing.flops / timing.ms / 1e9).toPrecision(3);
    console.log(
      `${product.name.padEnd(62)} ${rate(usual)} TFLOP/s; ${rate(best)} by ${best.shader}${best.splits > 1 ? ` split ${best.splits}` : ''}`,
    );
  }
  return { compared, products: results };
}

interface FormTiming extends ProductTiming {
  /** `default`: what suits the adapter by rule. */
  readonly shader: string;
  readonly splits: number;
}

/** Milliseconds of all forms of a product, the fastest first. */
async function timeForms({ device, sizes, attempt }: Bench, product: Product): Promise<FormTiming[]> {
  const bench = await ProductBench.create(device, product);
  const effort = { seriesMs: sizes.seriesMs / 3, rounds: 3 };
  try {
    const usual = await bench.measure(formsFor(device.gpu), effort);
    const found: FormTiming[] = [{ ...usual, shader: 'default', splits: 1 }];
    for (const variant of variants.filter(candidate => isAllowed(device, candidate))) {
      for (const form of formsOf(variant, bench.sizes)) {
        const { shader, splits } = form;
        const tolerance = variant.half ? half : single;
        const timing = await attempt(shader, () => bench.measure(always(form), effort, tolerance));
        if (timing) found.push({ ...timing, shader, splits });
      }
    }
    return found.sort((one, other) => one.ms - other.ms);
  } finally {
    bench.destroy();
  }
}

export async function benchPasses(bench: Bench) {
  const { device, sizes, torch, peak } = bench;
  console.log(
    `\n${'passes over memory'.padEnd(62)}      ms  (quartiles)        GB/s   peak  PyTorch   ours/its`,
  );
  const results: (Omit<Pass, 'plan' | 'settings'> & Measured<Timing, Answer<'pass'>>)[] = [];
  for (const pass of passesOf(sizes)) {
    const { kind, shape, bytes } = pass;
    const name = `${kind} [${shape}]`;
    const measured = await beside(
      bench,
      name,
      () => benchPass(device, pass, sizes),
      () => torch?.pass(pass),
    );
    if (!measured) continue;
    results.push({ kind, shape, bytes, ...measured });
    console.log(bandwidthRow(name, bytes, measured.ours, measured.theirs, peak));
  }
  return results;
}

/** What a dispatch costs that does nothing. */
export async function benchOverhead(bench: Bench) {
  const { device, sizes, torch } = bench;
  const pass = emptyPass(sizes.empties);
  // One series is all of them already.
  const effort = { ...sizes, seriesMs: 0 };
  const measured = await beside(
    bench,
    'empty kernels',
    () => benchPass(device, pass, effort),
    () => torch?.pass(pass),
  );
  if (!measured) return undefined;
  const { ours, theirs } = measured;
  const micros = (ms: number) => `${((1000 * ms) / sizes.empties).toFixed(2)} us`;
  const its = theirs && 'ms' in theirs ? `; PyTorch ${micros(theirs.ms)} a kernel` : '';
  console.log(
    `${sizes.empties} empty kernels, each after the one before: ${micros(ours.ms)} a dispatch${its}`,
  );
  return { dispatches: sizes.empties, ...measured };
}

/** A larger model's parameters are not handed over. */
const MOST_COMPARED = 20e6;

export async function benchSteps(bench: Bench) {
  const { device, sizes, torch, peak, attempt } = bench;
  console.log(
    `\n${'training steps'.padEnd(20)}  device ms  (quartiles)    host ms    TFLOP/s   peak  PyTorch   ours/its`,
  );
  const results: (BenchModel &
    Measured<StepResult, Answer<'step'>> & { readonly tuned: Tuned | undefined | '' })[] = [];
  for (const name of sizes.models) {
    const model = modelNamed(name);
    const detailed = sizes.detailed.includes(name);
    let start: StepStart | undefined;
    const keepStart = (given: StepStart) => {
      start = given;
    };
    const measured = await beside(
      bench,
      name,
      () => benchStep(device, model, sizes, detailed, undefined, keepStart),
      () => torch?.step(model),
    );
    if (!measured) continue;
    const { ours, theirs } = measured;
    console.log(stepRow(name, ours, theirs, peak));
    const tuned = bench.formsFile && (await attempt(`${name} tuned`, () => benchTuned(bench, model)));
    if (tuned) console.log(stepRow(`${name} tuned`, tuned.ours, theirs, peak));
    results.push({ ...model, ...measured, tuned });
    if (torch && start && detailed && ours.parameters <= MOST_COMPARED) {
      await attempt(`${name} beside PyTorch`, () => compareLosses(bench, torch, name, start!));
    }
  }
  return results;
}

interface Tuned {
  readonly ours: StepResult;
  readonly seconds: number;
  readonly forms: MeasuredForms;
}

/** The step with its products in the forms that were the fastest here, now or in an earlier run. */
async function benchTuned({ device, sizes, formsFile }: Bench, model: BenchModel): Promise<Tuned> {
  const adapter = adapterIdentity(device.gpu);
  const begun = performance.now();
  const forms = await tuneStep(device, model, readForms(formsFile, adapter));
  const seconds = (performance.now() - begun) / 1000;
  keepForms(formsFile, adapter, forms);
  const table = withMeasured(formsFor(device.gpu), forms);
  const ours = await benchStep(device, model, sizes, false, table);
  console.log(`  ${forms.length} classes of products measured, in ${seconds.toFixed(1)} s now`);
  return { ours, seconds, forms };
}

/** Losses may drift apart as rounding grows with the steps; another model would differ by far more. */
const LOSS_TOLERANCE = 1e-3;

/** Both from the same parameters and the same batch, without dropout. @throws Error where they differ */
async function compareLosses(
  { device, scratch }: Bench,
  torch: Torch,
  name: string,
  start: StepStart,
): Promise<void> {
  const model = modelNamed(name);
  const still = { ...model, config: { ...model.config, dropout: 0 } };
  const { losses: ours } = await benchStep(device, still, { seriesMs: 0, rounds: 1 }, false);
  const answer = await torch.losses(still, start, ours.length, join(scratch, 'start.bin'));
  if ('error' in answer) throw new Error(answer.error);
  const error = Math.max(...ours.map((loss, i) => Math.abs(loss / answer.losses[i] - 1)));
  console.log(
    `  ${ours.length} losses beside PyTorch's from the same parameters: within ${error.toExponential(1)}`,
  );
  if (!(error <= LOSS_TOLERANCE)) {
    throw new Error(`its losses ${ours.join(', ')} differ from PyTorch's ${answer.losses.join(', ')}`);
  }
}
