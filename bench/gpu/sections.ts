/** The sections of the bench: each measures its list, prints a row as soon as it has it, and gives what it found. */
import { join } from 'node:path';
import type { Draw, Peak, PowerMeter } from './machine.ts';
import { modelNamed, type Product, productsOf, square } from './models.ts';
import { benchPass, emptyPass, type Pass, passesOf } from './passes.ts';
import { benchProduct, type ProductTiming } from './products.ts';
import type { SizeList } from './sizes.ts';
import { benchStep, type StepResult, type StepStart } from './steps.ts';
import { bandwidthRow, productRow, stepRow } from './tables.ts';
import type { Device, Timing } from './timing.ts';
import type { Torch } from './torch.ts';

export interface Bench {
  readonly device: Device;
  readonly sizes: SizeList;
  readonly peak: Peak | undefined;
  readonly torch: Torch | undefined;
  readonly meter: PowerMeter;
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

export async function benchPasses(bench: Bench) {
  const { device, sizes, torch, peak } = bench;
  console.log(
    `\n${'passes over memory'.padEnd(62)}      ms  (quartiles)        GB/s   peak  PyTorch   ours/its`,
  );
  const results: (Omit<Pass, 'plan'> & Measured<Timing, Answer<'pass'>>)[] = [];
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
  const results: ({ readonly name: string } & Measured<StepResult, Answer<'step'>>)[] = [];
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
      () => benchStep(device, model, sizes, detailed, keepStart),
      () => torch?.step(model),
    );
    if (!measured) continue;
    const { ours, theirs } = measured;
    results.push({ ...model, ...measured });
    console.log(stepRow(name, ours, theirs, peak));
    if (torch && start && detailed && ours.parameters <= MOST_COMPARED) {
      await attempt(`${name} beside PyTorch`, () => compareLosses(bench, torch, name, start!));
    }
  }
  return results;
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
