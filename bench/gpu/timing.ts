/**
 * Times of a plan on the device: many runs of it in one pass of one submission, by the device's own clock where it has
 * one, again and again; the median of these series, and between which quartiles they lie.
 */

import { Executor } from '../../src/engine/executor.ts';
import type { Spaces } from '../../src/engine/spaces.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import type { PipelineCache } from '../../src/gpu/pipelines.ts';
import type { Plan } from '../../src/plan/plan.ts';

export interface Timing {
  /** Milliseconds of one run of the plan: the median of the series, and the quartiles around it. */
  readonly ms: number;
  readonly low: number;
  readonly high: number;
  /** Runs in a series. */
  readonly repetitions: number;
  readonly clock: 'device' | 'host';
}

export interface Effort {
  readonly seriesMs: number;
  readonly rounds: number;
}

export interface Device {
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
}

/** Kernels in one pass at most: bind groups are made for each. */
const MOST_STEPS = 4096;

export async function timePlan(
  { gpu, pipelines }: Device,
  plan: Plan,
  spaces: Spaces,
  { seriesMs, rounds }: Effort,
): Promise<Timing> {
  const clock = deviceClock(gpu);
  const series = async (repetitions: number) => {
    const steps = Array.from({ length: repetitions }, () => plan.steps).flat();
    return Executor.create(gpu, pipelines, { ...plan, steps }, spaces);
  };
  let repetitions = 1;
  let executor = await series(repetitions);
  try {
    // The first run pays for pages and caches.
    await clock.time(executor);
    let ms = await clock.time(executor);
    const most = Math.max(1, Math.floor(MOST_STEPS / plan.steps.length));
    while (ms < seriesMs && repetitions < most) {
      executor.destroy();
      repetitions = Math.min(most, Math.max(2 * repetitions, Math.ceil((repetitions * seriesMs) / ms)));
      executor = await series(repetitions);
      ms = await clock.time(executor);
    }
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push((await clock.time(executor)) / repetitions);
    return { ...quartiles(times), repetitions, clock: clock.kind };
  } finally {
    executor.destroy();
    clock.destroy();
  }
}

/** The median of some times and the quartiles around it. */
export function quartiles(times: readonly number[]): Pick<Timing, 'ms' | 'low' | 'high'> {
  const sorted = [...times].sort((a, b) => a - b);
  const last = sorted.length - 1;
  return {
    ms: sorted[Math.round(last / 2)],
    low: sorted[Math.floor(last / 4)],
    high: sorted[Math.ceil((3 * last) / 4)],
  };
}

interface Clock {
  readonly kind: Timing['clock'];
  /** Milliseconds of one submission that is waited for. */
  time(executor: Executor): Promise<number>;
  destroy(): void;
}

function deviceClock({ device, features }: Gpu): Clock {
  const run = (executor: Executor, after?: (encoder: GPUCommandEncoder) => void, timed?: object) => {
    const encoder = device.createCommandEncoder();
    executor.encode(encoder, timed);
    after?.(encoder);
    device.queue.submit([encoder.finish()]);
  };
  if (!features.has('timestamp-query')) {
    return {
      kind: 'host',
      async time(executor) {
        const begun = performance.now();
        run(executor);
        await device.queue.onSubmittedWorkDone();
        return performance.now() - begun;
      },
      destroy: () => {},
    };
  }
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ size: 16, usage: 0x200 | 0x04 }); // QUERY_RESOLVE | COPY_SRC
  const staging = device.createBuffer({ size: 16, usage: 0x01 | 0x08 }); // MAP_READ | COPY_DST
  return {
    kind: 'device',
    async time(executor) {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
      const resolve = (encoder: GPUCommandEncoder) => {
        encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
        encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      };
      run(executor, resolve, { timestampWrites });
      await staging.mapAsync(1); // GPUMapMode.READ
      const [begun, ended] = new BigUint64Array(staging.getMappedRange());
      staging.unmap();
      return Number(ended - begun) / 1e6;
    },
    destroy() {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}
