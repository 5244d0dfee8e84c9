/** The section of the training steps: each is timed, and the first losses of some are held against PyTorch's. */
import { join } from 'node:path';
import { adapterIdentity, type MeasuredForms, withMeasured } from '../../src/engine/form-choice.ts';
import { formsFor } from '../../src/engine/forms.ts';
import { type Answer, type Bench, beside, type Measured } from './bench.ts';
import { keepForms, readForms } from './kept-forms.ts';
import { type BenchModel, modelNamed, modelWithoutDropout } from './models.ts';
import { benchStep, type StepResult, type StepStart, tuneStep } from './steps.ts';
import { stepRow } from './tables.ts';
import type { Torch } from './torch.ts';

/** A larger model's parameters are not handed over. */
const MOST_COMPARED = 30e6;

export async function benchSteps(bench: Bench) {
  const { device, sizes, torch, peak, attempt } = bench;
  console.log(
    `\n${'training steps'.padEnd(20)}  device ms  (quartiles)    host ms    TFLOP/s   peak  PyTorch   ours/its`,
  );
  const results: (BenchModel &
    Measured<StepResult, Answer<'step'>> & { readonly tuned: Tuned | undefined | '' })[] = [];
  for (const name of sizes.models) {
    const model = modelNamed(name, sizes);
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
  { device, sizes, scratch }: Bench,
  torch: Torch,
  name: string,
  start: StepStart,
): Promise<void> {
  const still = modelWithoutDropout(name, sizes);
  const { losses: ours } = await benchStep(device, still, { seriesMs: 0, rounds: 1, hostSteps: 1 }, false);
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
