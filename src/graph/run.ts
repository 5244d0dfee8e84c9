/** Runs a small graph once and reads its results: for tests, benches and tools; training has its own loop. */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { compile } from './compile.ts';
import { allocateSpaces, destroySpaces, Executor } from './executor.ts';
import { layoutParameters } from './layout.ts';
import { checkLimits } from './limits.ts';
import type { Tensor } from './tensor.ts';

/** Values of `outputs`, given the values of the graph's inputs by name. */
export async function evaluate<Name extends string>(
  gpu: Gpu,
  pipelines: PipelineCache,
  outputs: Readonly<Record<Name, Tensor>>,
  inputs: Readonly<Record<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>>,
): Promise<Record<Name, Float32Array>> {
  const plan = compile({ outputs, layout: layoutParameters([]) });
  checkLimits(plan, gpu.limits);
  const spaces = await allocateSpaces(gpu, plan);
  const executor = await Executor.create(gpu, pipelines, plan, spaces);
  const { device } = gpu;
  for (const [name, values] of Object.entries(inputs)) {
    const { buffer, offset } = executor.locate(name);
    device.queue.writeBuffer(buffer, offset, values);
  }
  const encoder = device.createCommandEncoder();
  executor.encode(encoder);
  device.queue.submit([encoder.finish()]);
  const results = {} as Record<Name, Float32Array>;
  for (const name of Object.keys(outputs) as Name[]) {
    const { buffer, offset, bytes } = executor.locate(name);
    results[name] = await readFloats(device, buffer, offset, bytes);
  }
  executor.destroy();
  destroySpaces(spaces);
  return results;
}

/** Copies a range of a buffer to the host. */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset: number,
  bytes: number,
): Promise<Float32Array<ArrayBuffer>> {
  const staging = device.createBuffer({ size: bytes, usage: 0x01 | 0x08 }); // MAP_READ | COPY_DST
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(1); // GPUMapMode.READ
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}
