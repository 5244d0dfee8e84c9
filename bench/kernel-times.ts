/** Where a training step's time goes: every dispatch in a pass of its own, timed by the device's own clock. */

import { Executor } from '../src/engine/executor.ts';
import { formsFor } from '../src/engine/forms.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../src/engine/spaces.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { MAP_FOR_READING, usage } from '../src/gpu/usage.ts';
import { lower } from '../src/plan/lower.ts';
import { isDispatch, type Plan } from '../src/plan/plan.ts';
import { trainingPlan } from '../src/train/plans.ts';
import { forecastJob } from '../test/reference/jobs.ts';
import { demoBatch, demoConfig, demoOptimizer } from './demo.ts';

export interface KernelTime {
  readonly shader: string;
  readonly dispatches: number;
  /** Milliseconds of a step spent in this shader. */
  readonly ms: number;
  /** GFLOP/s. */
  readonly gflops: number;
  /** Its slowest dispatch. */
  readonly slowest: { readonly label: string; readonly ms: number };
}

const REPETITIONS = 5;

/** The shaders of the demo's step, slowest first; undefined where the adapter has no timestamp queries. */
export async function benchKernels(gpu: Gpu, pipelines: PipelineCache): Promise<KernelTime[] | undefined> {
  const { plan: training } = trainingPlan(forecastJob(demoConfig), demoBatch, demoOptimizer);
  const plan = lower(training, formsFor(gpu));
  const spaces = await allocateSpaces(gpu, plan);
  const kernels = await kernelTimes(gpu, pipelines, plan, spaces, REPETITIONS);
  destroySpaces(spaces);
  return kernels;
}

/** The shaders of a plan, slowest first, means over `repetitions`; undefined where there are no timestamp queries. */
export async function kernelTimes(
  gpu: Gpu,
  pipelines: PipelineCache,
  plan: Plan,
  spaces: Spaces,
  repetitions: number,
): Promise<KernelTime[] | undefined> {
  if (!gpu.features.has('timestamp-query')) return undefined;
  const steps = plan.steps.filter(isDispatch);
  const executors = await Promise.all(
    steps.map(step => Executor.create(gpu, pipelines, { ...plan, steps: [step] }, spaces)),
  );
  const ms = new Array<number>(steps.length).fill(0);
  for (let round = 0; round <= repetitions; round++) {
    const times = await timedRun(gpu.device, executors);
    if (round === 0) continue; // it warms up
    times.forEach((time, i) => {
      ms[i] += time / repetitions;
    });
  }
  for (const executor of executors) executor.destroy();
  const kernels = [...new Set(steps.map(step => step.shader))].map(shader => {
    const indices = [...steps.keys()].filter(index => steps[index].shader === shader);
    const total = indices.reduce((sum, i) => sum + ms[i], 0);
    const flops = indices.reduce((sum, i) => sum + steps[i].work.flops, 0);
    const slowest = indices.reduce((best, i) => (ms[i] > ms[best] ? i : best));
    return {
      shader,
      dispatches: indices.length,
      ms: total,
      gflops: flops / total / 1e6,
      slowest: { label: steps[slowest].label, ms: ms[slowest] },
    };
  });
  return kernels.sort((a, b) => b.ms - a.ms);
}

/** Milliseconds of each dispatch in one run of them all. */
export async function timedRun(device: GPUDevice, executors: readonly Executor[]): Promise<number[]> {
  const count = 2 * executors.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const resolved = device.createBuffer({ size: 8 * count, usage: usage.timestamps });
  const staging = device.createBuffer({ size: 8 * count, usage: usage.readBack });
  const encoder = device.createCommandEncoder();
  executors.forEach((executor, i) => {
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
    executor.encode(encoder, { timestampWrites });
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(MAP_FOR_READING);
  const nanoseconds = new BigUint64Array(staging.getMappedRange());
  const times = executors.map((_, i) => Number(nanoseconds[2 * i + 1] - nanoseconds[2 * i]) / 1e6);
  for (const buffer of [resolved, staging]) buffer.destroy();
  querySet.destroy();
  return times;
}
