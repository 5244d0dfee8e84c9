/** The engine in one product: a graph of two inputs and an op, compiled to a plan of one kernel, run once. */
import { evaluate } from '../src/engine/run.ts';
import type { Gpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { inputTensor } from '../src/graph/ops/leaf.ts';
import { matmul } from '../src/graph/ops/matmul.ts';

/** @returns y [2, 2], row-major */
export async function product(gpu: Gpu): Promise<Float32Array> {
  const a = inputTensor('a', [2, 3]);
  const b = inputTensor('b', [3, 2]);
  const { y } = await evaluate(
    gpu,
    new PipelineCache(gpu.device),
    { y: matmul(a, b) }, // [2, 2]
    { a: Float32Array.of(1, 2, 3, 4, 5, 6), b: Float32Array.of(1, 0, 0, 1, 1, 1) },
  );
  return y;
}
