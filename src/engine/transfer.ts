/** Values between the host and the buffers of a plan. */
import { mapForReading } from '../gpu/mapping.ts';
import { usage } from '../gpu/usage.ts';
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

/**
 * Reads ranges of buffers through one staging buffer, which is kept from the first read on: one read must end before the
 * next begins.
 */
export class Staging {
  readonly #device: GPUDevice;
  readonly #bytes: number;
  #buffer: GPUBuffer | undefined;

  /** @param bytes of the largest range */
  constructor(device: GPUDevice, bytes: number) {
    this.#device = device;
    this.#bytes = bytes;
  }

  /** Copies a range, as it is after what was submitted before, to the host. */
  async read(buffer: GPUBuffer, offset: number, bytes: number): Promise<Float32Array<ArrayBuffer>> {
    this.#buffer ??= this.#device.createBuffer({
      label: 'staging',
      size: this.#bytes,
      usage: usage.readBack,
    });
    const staging = this.#buffer;
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
    this.#device.queue.submit([encoder.finish()]);
    await mapForReading(this.#device, staging, bytes);
    const values = new Float32Array(staging.getMappedRange(0, bytes).slice(0));
    staging.unmap();
    return values;
  }

  destroy(): void {
    this.#buffer?.destroy();
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
  try {
    return await staging.read(buffer, offset, bytes);
  } finally {
    staging.destroy();
  }
}
