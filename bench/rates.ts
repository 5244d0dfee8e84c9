/** This machine as rates, for the simulator: of the device from one rank's step alone, of exchanges from ranks that only swap. */

import { Executor } from '../src/engine/executor.ts';
import { allocateSpaces, destroySpaces } from '../src/engine/spaces.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { isDispatch, type Plan } from '../src/plan/plan.ts';
import type { SimulatedDevice } from '../src/simulate/simulate.ts';
import { exchangeRates } from './exchange-rates.ts';
import { timedRun } from './kernel-times.ts';

const ROUNDS = 9;
/** A kernel that touches less is all overhead. */
const LITTLE_BYTES = 32 * 1024;

export interface Rates {
  readonly device: SimulatedDevice;
  /** Of the whole step, in one pass. */
  readonly stepMs: number;
  /** Sum over its kernels, each in a pass of its own. */
  readonly kernelsMs: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** @throws Error where the adapter has no timestamp queries, or does not compute on the cores of its machine */
export async function measureRates(gpu: Gpu, pipelines: PipelineCache, plan: Plan): Promise<Rates> {
  if (!gpu.features.has('timestamp-query')) throw new Error('This adapter has no timestamp queries.');
  if (!gpu.software) throw new Error('Ranks share the cores of this machine: choose a software adapter.');
  const steps = plan.steps.filter(isDispatch);
  const spaces = await allocateSpaces(gpu, plan);
  const whole = await Executor.create(gpu, pipelines, plan, spaces);
  const each = await Promise.all(
    steps.map(step => Executor.create(gpu, pipelines, { ...plan, steps: [step] }, spaces)),
  );
  const walls: number[] = [];
  const times: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const encoder = gpu.device.createCommandEncoder();
    whole.encode(encoder);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.device.queue.onSubmittedWorkDone();
    walls.push(performance.now() - begun);
    times.push(await timedRun(gpu.device, each));
  }
  for (const executor of [whole, ...each]) executor.destroy();
  destroySpaces(spaces);
  const stepMs = median(walls);
  // Browsers round timestamps to about 0.1 ms: means lose less than medians. The first round warms up.
  const ms = steps.map((_, index) => mean(times.slice(1).map(round => round[index])));
  const works = steps.map(({ work: { kernel, flops, read, written } }) => ({
    isProduct: kernel === 'product' || kernel === 'convolution',
    flops,
    bytes: read + written,
  }));
  const perDispatch = mean(ms.filter((_, index) => works[index].bytes < LITTLE_BYTES));
  const beyond = (isProduct: boolean) =>
    sum(ms.filter((_, i) => works[i].isProduct === isProduct).map(time => Math.max(0, time - perDispatch)));
  const amount = (isProduct: boolean, pick: 'flops' | 'bytes') =>
    sum(works.filter(work => work.isProduct === isProduct).map(work => work[pick]));
  // What the kernels take in one pass is what counts.
  const scale = stepMs / sum(ms) / 1000;
  const device = {
    flopsPerSecond: amount(true, 'flops') / (beyond(true) * scale),
    bytesPerSecond: amount(false, 'bytes') / (beyond(false) * scale),
    secondsPerDispatch: perDispatch * scale,
    ...(await exchangeRates()),
  };
  return { device, stepMs, kernelsMs: sum(ms) };
}
