/**
 * Losses without waiting: every step copies its loss and the squared norm of its gradient into a ring on the device, and
 * the ring is read now and then, late, while later steps run. All buffers are made once.
 */

import { mapForReading } from '../gpu/mapping.ts';
import { usage } from '../gpu/usage.ts';

/** Steps that fit between two reads. */
const CAPACITY = 256;
/** Of a step in the ring: its loss, then its squared norm. */
const STEP_BYTES = 8;

interface Location {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** What is known of steps one after the other, oldest first. */
export interface StepValues {
  /** The last of them, or the last that was read before where there are none. */
  readonly step: number;
  readonly losses: number[];
  /** Global norm of the gradient, before clipping. */
  readonly gradientNorms: number[];
}

export class LossLog {
  readonly #device: GPUDevice;
  readonly #loss: Location;
  readonly #squaredNorm: Location;
  readonly #ring: GPUBuffer;
  readonly #staging: GPUBuffer;
  #written = 0;
  #read = 0;
  #reading: Promise<StepValues> | undefined;
  /** Counts the calls of `clear`, so that a read knows that it was overtaken. */
  #run = 0;

  /** @param squaredNorm where a step leaves that of its whole gradient, as it leaves its loss in `loss` */
  constructor(device: GPUDevice, loss: Location, squaredNorm: Location) {
    this.#device = device;
    this.#loss = loss;
    this.#squaredNorm = squaredNorm;
    const size = STEP_BYTES * CAPACITY;
    this.#ring = device.createBuffer({ label: 'losses', size, usage: usage.copied });
    this.#staging = device.createBuffer({ label: 'losses to read', size, usage: usage.readBack });
  }

  /** True where the next steps would overwrite losses that were not read yet. */
  get full(): boolean {
    return this.#written - this.#read >= CAPACITY - 8;
  }

  /** Adds to a step's commands the copies of its loss and norm. `step` counts from 1. */
  encode(encoder: GPUCommandEncoder, step: number): void {
    const place = STEP_BYTES * ((step - 1) % CAPACITY);
    encoder.copyBufferToBuffer(this.#loss.buffer, this.#loss.offset, this.#ring, place, 4);
    encoder.copyBufferToBuffer(this.#squaredNorm.buffer, this.#squaredNorm.offset, this.#ring, place + 4, 4);
  }

  /** The step counts as done: its commands are submitted, and from now on it is read. */
  submitted(step: number): void {
    if (this.#written === 0) this.#read = step - 1;
    this.#written = step;
  }

  /** The losses of `readSteps`. */
  async read(): Promise<number[]> {
    return (await this.readSteps()).losses;
  }

  /**
   * Values of all steps submitted since the last read; none where `clear` was called meanwhile. One read at a time:
   * while it is under way another call gives the same promise.
   */
  readSteps(): Promise<StepValues> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<StepValues> {
    const [first, last, run] = [this.#read, this.#written, this.#run];
    if (first === last) return { step: last, losses: [], gradientNorms: [] };
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#ring, 0, this.#staging, 0, STEP_BYTES * CAPACITY);
    this.#device.queue.submit([encoder.finish()]);
    await mapForReading(this.#device, this.#staging);
    const ring = new Float32Array(this.#staging.getMappedRange());
    const places = Array.from({ length: last - first }, (_, i) => 2 * ((first + i) % CAPACITY));
    const losses = places.map(place => ring[place]);
    const gradientNorms = places.map(place => Math.sqrt(ring[place + 1]));
    this.#staging.unmap();
    if (run !== this.#run) return { step: this.#read, losses: [], gradientNorms: [] };
    this.#read = last;
    return { step: last, losses, gradientNorms };
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
