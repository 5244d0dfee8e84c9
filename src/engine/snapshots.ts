/**
 * Buffers of a running device, copied to the host as they were at one moment. All copies are one submission, so no work
 * that is submitted before or behind it can come between two of them, and nobody waits for it: later work is submitted
 * at once, while the copy is mapped behind it.
 */

import { mapForReading } from '../gpu/mapping.ts';
import { usage } from '../gpu/usage.ts';

export type Arrays = Record<string, Float32Array<ArrayBuffer>>;

/** What is copied of a buffer, from its beginning: a multiple of 4 bytes. */
export interface SnapshotSource {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

export class Snapshots {
  readonly #device: GPUDevice;
  readonly #sources: ReadonlyMap<string, SnapshotSource>;
  /** Kept from the first snapshot on. */
  #staging: GPUBuffer | undefined;
  /** Resolves when the staging buffer holds no copy that is still to be read. */
  #free: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice, sources: Readonly<Record<string, SnapshotSource>>) {
    this.#device = device;
    this.#sources = new Map(Object.entries(sources));
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
      size: [...this.#sources.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      usage: usage.readBack,
    });
    const encoder = this.#device.createCommandEncoder();
    let at = 0;
    for (const { buffer, bytes } of this.#sources.values()) {
      encoder.copyBufferToBuffer(buffer, 0, this.#staging, at, bytes);
      at += bytes;
    }
    this.#device.queue.submit([encoder.finish()]);
    return this.#staging;
  }

  async #read(staging: GPUBuffer): Promise<Arrays> {
    await mapForReading(this.#device, staging);
    const mapped = staging.getMappedRange();
    const values: Arrays = {};
    let at = 0;
    for (const [name, { bytes }] of this.#sources) {
      values[name] = new Float32Array(mapped.slice(at, at + bytes));
      at += bytes;
    }
    staging.unmap();
    return values;
  }
}
