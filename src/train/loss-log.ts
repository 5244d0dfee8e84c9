/**
 * Losses without waiting: every step copies its loss into a ring on the device, and the ring is read now and then,
 * late, while later steps run. All buffers are made once.
 */

import { MAP_FOR_READING, usage } from '../gpu/usage.ts';

/** Losses that fit between two reads. */
const CAPACITY = 256;

interface Location {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

export class LossLog {
  readonly #device: GPUDevice;
  readonly #source: Location;
  readonly #ring: GPUBuffer;
  readonly #staging: GPUBuffer;
  #written = 0;
  #read = 0;
  #reading: Promise<number[]> | undefined;
  /** Counts the calls of `clear`, so that a read knows that it was overtaken. */
  #run = 0;

  constructor(device: GPUDevice, source: Location) {
    this.#device = device;
    this.#source = source;
    const size = 4 * CAPACITY;
    this.#ring = device.createBuffer({ label: 'losses', size, usage: usage.copied });
    this.#staging = device.createBuffer({ label: 'losses to read', size, usage: usage.readBack });
  }

  /** True where the next steps would overwrite losses that were not read yet. */
  get full(): boolean {
    return this.#written - this.#read >= CAPACITY - 8;
  }

  /** Adds to a step's commands the copy of its loss. `step` counts from 1. */
  encode(encoder: GPUCommandEncoder, step: number): void {
    if (this.#written === 0) this.#written = this.#read = step - 1;
    const { buffer, offset } = this.#source;
    encoder.copyBufferToBuffer(buffer, offset, this.#ring, 4 * ((step - 1) % CAPACITY), 4);
    this.#written = step;
  }

  /**
   * Losses of all steps submitted since the last read, oldest first; none where `clear` was called meanwhile. One
   * read at a time: while it is under way another call gives the same promise.
   */
  read(): Promise<number[]> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<number[]> {
    const [first, last, run] = [this.#read, this.#written, this.#run];
    if (first === last) return [];
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#ring, 0, this.#staging, 0, 4 * CAPACITY);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(MAP_FOR_READING);
    const ring = new Float32Array(this.#staging.getMappedRange());
    const losses = Array.from({ length: last - first }, (_, i) => ring[(first + i) % CAPACITY]);
    this.#staging.unmap();
    if (run !== this.#run) return [];
    this.#read = last;
    return losses;
  }

  /** Forgets all losses; the next step may be any. */
  clear(): void {
    this.#run++;
    this.#written = 0;
    this.#read = 0;
  }

  destroy(): void {
    this.#ring.destroy();
    this.#staging.destroy();
  }
}
