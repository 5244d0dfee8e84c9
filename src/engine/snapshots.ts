/**
 * Buffers of a running device, copied to the host as they were at one moment. All copies are one submission, so no work
 * that is submitted before or behind it can come between two of them, and nobody waits for it: later work is submitted
 * at once, while the copy is mapped behind it.
 */

import { MAP_FOR_READING, usage } from '../gpu/usage.ts';

export type Arrays = Record<string, Float32Array<ArrayBuffer>>;

export class Snapshots {
  readonly #device: GPUDevice;
  readonly #buffers: ReadonlyMap<string, GPUBuffer>;
  readonly #bytes: number;
  /** Kept from the first snapshot on. */
  #staging: GPUBuffer | undefined;
  /** Resolves when the staging buffer holds no copy that is still to be read. */
  #free: Promise<unknown> = Promise.resolve();

  /** @param bytes of each buffer that are copied, from its beginning: a multiple of 4 */
  constructor(device: GPUDevice, buffers: Readonly<Record<string, GPUBuffer>>, bytes: number) {
    this.#device = device;
    this.#buffers = new Map(Object.entries(buffers));
    this.#bytes = bytes;
  }

  /**
   * Resolves as soon as the copy is submitted; its values follow. A snapshot that is asked for while another is read
   * is taken when that one has been.
   *
   * @param moment called as the copy is submitted; what it returns tells what is copied
   */
  async take<Label>(
    moment: () => Label,
  ): Promise<{ readonly label: Label; readonly values: Promise<Arrays> }> {
    const taken = this.#free.then(() => {
      const staging = this.#copy();
      return { label: moment(), values: this.#read(staging) };
    });
    this.#free = taken.then(({ values }) => values).catch(() => undefined);
    const { label, values } = await taken;
    // Whoever awaits the values hears of a failure; one who lost interest in them need not.
    values.catch(() => undefined);
    return { label, values };
  }

  destroy(): void {
    this.#staging?.destroy();
  }

  #copy(): GPUBuffer {
    this.#staging ??= this.#device.createBuffer({
      label: 'snapshot',
      size: this.#buffers.size * this.#bytes,
      usage: usage.readBack,
    });
    const encoder = this.#device.createCommandEncoder();
    let at = 0;
    for (const buffer of this.#buffers.values()) {
      encoder.copyBufferToBuffer(buffer, 0, this.#staging, at, this.#bytes);
      at += this.#bytes;
    }
    this.#device.queue.submit([encoder.finish()]);
    return this.#staging;
  }

  async #read(staging: GPUBuffer): Promise<Arrays> {
    await staging.mapAsync(MAP_FOR_READING);
    const mapped = staging.getMappedRange();
    const values: Arrays = {};
    let at = 0;
    for (const name of this.#buffers.keys()) {
      values[name] = new Float32Array(mapped.slice(at, at + this.#bytes));
      at += this.#bytes;
    }
    staging.unmap();
    return values;
  }
}
