/** Values between the host and the buffers of a plan. */
import { MAP_FOR_READING, usage } from '../gpu/usage.ts';
import type { Executor } from './executor.ts';

/** Uploads the values of an input, behind what was submitted before. @throws Error where it takes another number */
export function writeInput(
  device: GPUDevice,
  executor: Executor,
  name: string,
  values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): void {
  const { buffer, offset, bytes } = executor.locate(name);
  if (values.byteLength !== bytes) {
    throw new Error(`input ${name} takes ${bytes / 4} values; ${values.length} were given`);
  }
  device.queue.writeBuffer(buffer, offset, values);
}

/** Copies a range of a buffer to the host. */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset: number,
  bytes: number,
): Promise<Float32Array<ArrayBuffer>> {
  const staging = device.createBuffer({ size: bytes, usage: usage.readBack });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(MAP_FOR_READING);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}
