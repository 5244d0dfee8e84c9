/** How fast a device multiplies matrices with our own kernel, to show who brings what to a run. */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { inputTensor } from '../graph/ops/leaf.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { compile } from '../plan/compile.ts';
import { layoutParameters } from '../plan/layout.ts';
import { lower } from '../plan/lower.ts';
import { Executor } from './executor.ts';
import { formsFor } from './forms.ts';
import { allocateSpaces, destroySpaces } from './spaces.ts';

const SIDE = 256;
const FLOPS = 2 * SIDE ** 3;
/** Long enough that handing the work to the device does not count. */
const LONG_MS = 20;
const MOST_PRODUCTS = 1024;

/**
 * Multiplies two matrices of 256 by 256 in float32 again and again, twice as often each time until it takes 20 ms.
 *
 * @returns GFLOP/s of the longest series
 */
export async function measureSpeed(gpu: Gpu, pipelines: PipelineCache): Promise<number> {
  const product = matmul(inputTensor('a', [SIDE, SIDE]), inputTensor('b', [SIDE, SIDE]));
  const plan = lower(compile({ outputs: { product }, layout: layoutParameters([]) }), formsFor(gpu));
  const spaces = await allocateSpaces(gpu, plan);
  let executor: Executor | undefined;
  try {
    executor = await Executor.create(gpu, pipelines, plan, spaces);
    // The first product pays for the pipeline.
    await timed(gpu.device, executor, 1);
    let products = 1;
    let ms = await timed(gpu.device, executor, products);
    while (ms < LONG_MS && products < MOST_PRODUCTS) {
      products *= 2;
      ms = await timed(gpu.device, executor, products);
    }
    return (products * FLOPS) / (ms * 1e6);
  } finally {
    executor?.destroy();
    destroySpaces(spaces);
  }
}

/** Milliseconds that so many products take. */
async function timed(device: GPUDevice, executor: Executor, products: number): Promise<number> {
  const begun = performance.now();
  const encoder = device.createCommandEncoder();
  for (let i = 0; i < products; i++) executor.encode(encoder);
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - begun;
}
