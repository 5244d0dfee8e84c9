/** The training step of a model on made-up numbers that lie on the device, and whether it trains. */

import { candidatesOf } from '../../src/engine/candidates.ts';
import { Executor } from '../../src/engine/executor.ts';
import type { MeasuredForms } from '../../src/engine/form-choice.ts';
import { formsFor } from '../../src/engine/forms.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../../src/engine/spaces.ts';
import { readFloats, writeInput } from '../../src/engine/transfer.ts';
import { tuneForms } from '../../src/engine/tuner.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import type { InputSpec } from '../../src/models/model.ts';
import type { ParameterLayout } from '../../src/plan/layout.ts';
import { checkLimits, totalBytes } from '../../src/plan/limits.ts';
import { type FormTable, lower } from '../../src/plan/lower.ts';
import { isDispatch } from '../../src/plan/plan.ts';
import type { Batch } from '../../src/tasks/task.ts';
import { initialState } from '../../src/train/initial-parameters.ts';
import { hyperValues } from '../../src/train/optimizer.ts';
import { type TrainingPlan, trainingPlan } from '../../src/train/plans.ts';
import { type KernelTime, kernelTimes } from '../kernel-times.ts';
import type { BenchModel } from './models.ts';
import { type Device, type Effort, quartiles, type Timing, timePlan } from './timing.ts';
import { madeUp } from './values.ts';

export interface StepResult {
  /** On the device alone, several steps in one pass. */
  readonly device: Timing;
  /** As they are trained: each a submission of its own, encoded while the one before runs. */
  readonly host: Pick<Timing, 'ms' | 'low' | 'high'>;
  readonly flops: number;
  readonly dispatches: number;
  readonly bytes: number;
  readonly parameters: number;
  readonly losses: readonly number[];
  readonly kernels: readonly KernelTime[] | undefined;
}

export interface StepEffort extends Effort {
  /** In a series by the host's clock. */
  readonly hostSteps: number;
}

/** What both libraries start from. */
export interface StepStart {
  readonly layout: ParameterLayout;
  readonly flat: Float32Array<ArrayBuffer>;
  /** In the order of the frame. */
  readonly inputs: Batch;
}

const LOSSES = 8;
const KERNEL_ROUNDS = 3;

/** Forms of the products of a model's step, measured now where they are not known. */
export function tuneStep(
  { gpu, pipelines }: Device,
  model: BenchModel,
  known: MeasuredForms,
): Promise<MeasuredForms> {
  const { plan } = trainingPlan(model, model.batch, model.optimizer);
  return tuneForms(gpu, pipelines, [plan], { usual: formsFor(gpu), candidates: candidatesOf, known });
}

/** A step on the device, with what it starts from. */
export interface OpenStep {
  readonly plans: TrainingPlan;
  readonly executor: Executor;
  readonly start: StepStart;
}

/**
 * Does something with a step, and frees it.
 *
 * @param forms how products are computed
 * @throws TooLargeError where the model does not fit
 */
export async function withStep<Result>(
  device: Device,
  model: BenchModel,
  forms: FormTable,
  work: (step: OpenStep) => Promise<Result>,
): Promise<Result> {
  const { gpu, pipelines } = device;
  const plans = trainingPlan(model, model.batch, model.optimizer);
  const plan = lower(plans.plan, forms);
  checkLimits(plan, gpu.limits);
  const spaces = await allocateSpaces(gpu, plan);
  try {
    const executor = await Executor.create(gpu, pipelines, plan, spaces);
    const start = startOf(model, plans.layout);
    upload(device, executor, start);
    try {
      return await work({ plans, executor, start });
    } finally {
      executor.destroy();
    }
  } finally {
    destroySpaces(spaces);
  }
}

/**
 * @param forms how products are computed
 * @param onStart called with what the step starts from
 * @throws TooLargeError where the model does not fit, Error where its loss does not fall
 */
export function benchStep(
  device: Device,
  model: BenchModel,
  effort: StepEffort,
  detailed: boolean,
  forms = formsFor(device.gpu),
  onStart: (start: StepStart) => void = () => {},
): Promise<StepResult> {
  return withStep(device, model, forms, async ({ plans, executor, start }) => {
    const { gpu, pipelines } = device;
    const { layout } = plans;
    const { plan, spaces } = executor;
    onStart(start);
    const losses = await firstLosses(device, executor, model, plans);
    if (!losses.every(Number.isFinite) || !(losses[losses.length - 1] < losses[0])) {
      throw new Error(`${model.name} does not train on this device: its losses are ${losses.join(', ')}`);
    }
    const host = await hostTime(device, executor, effort);
    return {
      device: await timePlan(device, plan, spaces, effort),
      host,
      flops: plan.steps.filter(isDispatch).reduce((sum, { work }) => sum + work.flops, 0),
      dispatches: plan.steps.filter(isDispatch).length,
      bytes: totalBytes(plan.spaces),
      parameters: layout.count,
      losses,
      kernels: detailed ? await kernelTimes(gpu, pipelines, plan, spaces, KERNEL_ROUNDS) : undefined,
    };
  });
}

function startOf({ frame, batch }: BenchModel, layout: ParameterLayout): StepStart {
  const flat = new Float32Array(layout.floats);
  layout.entries.forEach(({ offset, size, attributes }, i) => {
    const { initializer } = attributes;
    // As far from the centre, on average, as uniform numbers within the bound.
    const spread = 'deviation' in initializer ? initializer.deviation : initializer.bound / Math.sqrt(3);
    if (spread > 0) flat.set(madeUp(size, 10 + (i % 8), spread), offset);
    else flat.fill(initializer.centre, offset, offset + size);
  });
  const inputs = frame.inputs.map((spec, i) => [spec.name, inputValues(spec, frame, batch, 3 + i)] as const);
  return { layout, flat, inputs: Object.fromEntries(inputs) };
}

/** Normal deviates, classes, and the weight 1 for what is the same in the whole run. */
function inputValues(
  { shape, dtype, per }: InputSpec,
  { sizes: { classes } }: BenchModel['frame'],
  batch: number,
  seed: number,
): Batch[string] {
  if (per === 'run') return new Float32Array(sizeOf(shape)).fill(1);
  const size = batch * sizeOf(shape);
  if (dtype === 'f32') return madeUp(size, seed);
  return Uint32Array.from({ length: size }, (_, i) => Math.floor(classes * ((i * GOLDEN) % 1)));
}

/** Its multiples spread evenly over the fractions. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Bytes of one write at most. */
const CHUNK = 2 ** 26;

function upload({ gpu }: Device, executor: Executor, { layout, flat, inputs }: StepStart): void {
  const { device } = gpu;
  const { spaces, plan } = executor;
  for (const [name, values] of Object.entries(inputs)) writeInput(device, executor, name, values);
  if (plan.inputs.has('random')) writeInput(device, executor, 'random', Uint32Array.of(1, 0, 1, 0));
  if (spaces.state) device.queue.writeBuffer(spaces.state[0], 0, initialState(layout.states));
  for (const space of ['parameters', 'average']) {
    const [buffer] = spaces[space] ?? [];
    if (!buffer) continue;
    for (let at = 0; at < flat.length; at += CHUNK / 4) {
      device.queue.writeBuffer(buffer, 4 * at, flat.subarray(at, at + CHUNK / 4));
    }
  }
}

async function firstLosses(
  { gpu }: Device,
  executor: Executor,
  model: BenchModel,
  { layout }: TrainingPlan,
): Promise<number[]> {
  const losses: number[] = [];
  const { buffer, offset } = executor.locate('loss');
  for (let step = 1; step <= LOSSES; step++) {
    writeHyper(gpu.device, executor.spaces, model, layout, step);
    submit(gpu.device, executor);
    losses.push((await readFloats(gpu.device, buffer, offset, 4))[0]);
  }
  return losses;
}

function writeHyper(
  device: GPUDevice,
  { hyper }: Spaces,
  { optimizer, rate }: BenchModel,
  layout: ParameterLayout,
  step: number,
): void {
  device.queue.writeBuffer(hyper[0], 0, hyperValues(layout, optimizer, rate, step));
}

export function submit(device: GPUDevice, executor: Executor): void {
  const encoder = device.createCommandEncoder();
  executor.encode(encoder);
  device.queue.submit([encoder.finish()]);
}

async function hostTime(
  { gpu }: Device,
  executor: Executor,
  { rounds, hostSteps }: StepEffort,
): Promise<StepResult['host']> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    for (let i = 0; i < hostSteps; i++) submit(gpu.device, executor);
    await gpu.device.queue.onSubmittedWorkDone();
    times.push((performance.now() - begun) / hostSteps);
  }
  return quartiles(times);
}
