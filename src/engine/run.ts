/** Runs a small graph once and reads its results: for tests, benches and tools; training has its own loop. */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import type { Tensor } from '../graph/tensor.ts';
import { compile } from '../plan/compile.ts';
import { layoutParameters } from '../plan/layout.ts';
import { checkLimits } from '../plan/limits.ts';
import { lower } from '../plan/lower.ts';
import { Executor } from './executor.ts';
import { formsFor } from './forms.ts';
import { allocateSpaces, destroySpaces } from './spaces.ts';
import { readFloats, writeInput } from './transfer.ts';

/** Values of `outputs`, given the values of the graph's inputs by name; products in the form that `forms` say. */
export async function evaluate<Name extends string>(
  gpu: Gpu,
  pipelines: PipelineCache,
  outputs: Readonly<Record<Name, Tensor>>,
  inputs: Readonly<Record<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>>,
  forms = formsFor(gpu),
): Promise<Record<Name, Float32Array>> {
  const plan = lower(compile({ outputs, layout: layoutParameters([]) }), forms);
  checkLimits(plan, gpu.limits);
  const spaces = await allocateSpaces(gpu, plan);
  let executor: Executor | undefined;
  try {
    executor = await Executor.create(gpu, pipelines, plan, spaces);
    const { device } = gpu;
    for (const [name, values] of Object.entries(inputs)) writeInput(device, executor, name, values);
    const encoder = device.createCommandEncoder();
    executor.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const results = {} as Record<Name, Float32Array>;
    for (const name of Object.keys(outputs) as Name[]) {
      const { buffer, offset, bytes } = executor.locate(name);
      results[name] = await readFloats(device, buffer, offset, bytes);
    }
    return results;
  } finally {
    executor?.destroy();
    destroySpaces(spaces);
  }
}
