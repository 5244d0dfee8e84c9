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

/** Reads ranges of buffers through one staging buffer that is kept: one read must end before the next begins. */
export class Staging {
  readonly #device: GPUDevice;
  readonly #buffer: GPUBuffer;

  /** @param bytes of the largest range */
  constructor(device: GPUDevice, bytes: number) {
    this.#device = device;
    this.#buffer = device.createBuffer({ label: 'staging', size: bytes, usage: usage.readBack });
  }

  /** Copies a range, as it is after what was submitted before, to the host. */
  async read(buffer: GPUBuffer, offset: number, bytes: number): Promise<Float32Array<ArrayBuffer>> {
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, this.#buffer, 0, bytes);
    this.#device.queue.submit([encoder.finish()]);
    await this.#buffer.mapAsync(MAP_FOR_READING, 0, bytes);
    const values = new Float32Array(this.#buffer.getMappedRange(0, bytes).slice(0));
    this.#buffer.unmap();
    return values;
  }

  destroy(): void {
    this.#buffer.destroy();
  }
}

/** Copies a range of a buffer to the host, once: what is read often goes through a `Staging`. */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset: number,
  bytes: number,
): Promise<Float32Array<ArrayBuffer>> {
  const staging = new Staging(device, bytes);
  const values = await staging.read(buffer, offset, bytes);
  staging.destroy();
  return values;
}
