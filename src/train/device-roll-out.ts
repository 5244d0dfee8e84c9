/**
 * Roll-outs that stay on the device: a buffer laid out like the model's input keeps the states between the steps, and a
 * forecast takes the place of the oldest. Only what is asked for is read.
 */

import type { Executor } from '../engine/executor.ts';
import type { Staging } from '../engine/transfer.ts';
import { usage } from '../gpu/usage.ts';
import type { RollOut, StateGrid } from '../tasks/predictor.ts';

export class DeviceRollOut implements RollOut {
  readonly #device: GPUDevice;
  readonly #executor: Executor;
  readonly #staging: Staging;
  readonly #batch: number;
  readonly #grid: StateGrid;
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** [batch, input steps and statics, height, width]; the steps in turn, the oldest at `#oldest`. */
  readonly #kept: GPUBuffer;
  #oldest = 0;

  /**
   * @param executor of a plan without exchanges, from `input` to `prediction`
   * @param inTurn does what nothing else of the executor or the staging buffer may come between
   */
  constructor(
    device: GPUDevice,
    executor: Executor,
    staging: Staging,
    batch: number,
    grid: StateGrid,
    inTurn: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#device = device;
    this.#executor = executor;
    this.#staging = staging;
    this.#batch = batch;
    this.#grid = grid;
    this.#inTurn = inTurn;
    const { bytes } = executor.locate('input');
    this.#kept = device.createBuffer({ label: 'states of a roll-out', size: bytes, usage: usage.copied });
  }

  start(input: Float32Array<ArrayBuffer>): void {
    const { bytes } = this.#executor.locate('input');
    if (input.byteLength !== bytes) {
      throw new Error(`a roll-out starts from ${bytes / 4} values; ${input.length} were given`);
    }
    this.#device.queue.writeBuffer(this.#kept, 0, input);
    this.#oldest = 0;
  }

  next(wanted: boolean): Promise<Float32Array<ArrayBuffer> | undefined> {
    return this.#inTurn(async () => {
      const encoder = this.#device.createCommandEncoder();
      this.#copyInput(encoder);
      this.#executor.encode(encoder);
      this.#keepPrediction(encoder);
      this.#device.queue.submit([encoder.finish()]);
      const { buffer, offset, bytes } = this.#executor.locate('prediction');
      return wanted ? this.#staging.read(buffer, offset, bytes) : undefined;
    });
  }

  end(): void {
    this.#kept.destroy();
  }

  /** Puts the states in order, from the oldest on, before the statics. */
  #copyInput(encoder: GPUCommandEncoder): void {
    const { inputSteps } = this.#grid;
    const { buffer, offset, bytes } = this.#executor.locate('input');
    if (this.#oldest === 0) {
      encoder.copyBufferToBuffer(this.#kept, 0, buffer, offset, bytes);
      return;
    }
    const input = bytes / this.#batch;
    const state = this.#stateBytes;
    const older = (inputSteps - this.#oldest) * state;
    const newer = this.#oldest * state;
    const fixed = input - inputSteps * state;
    for (let i = 0; i < this.#batch; i++) {
      const from = i * input;
      const to = offset + from;
      encoder.copyBufferToBuffer(this.#kept, from + newer, buffer, to, older);
      encoder.copyBufferToBuffer(this.#kept, from, buffer, to + older, newer);
      if (fixed > 0) {
        encoder.copyBufferToBuffer(this.#kept, from + older + newer, buffer, to + older + newer, fixed);
      }
    }
  }

  /** Puts the forecast in the place of the oldest state, but for its padding. */
  #keepPrediction(encoder: GPUCommandEncoder): void {
    const { inputSteps, channels, height, width, rows } = this.#grid;
    const { buffer, offset } = this.#executor.locate('prediction');
    const input = this.#executor.locate('input').bytes / this.#batch;
    const state = this.#stateBytes;
    // Without padding all channels are one range.
    const ranges = rows === height ? 1 : channels;
    const size = ranges === 1 ? state : 4 * rows * width;
    for (let i = 0; i < this.#batch; i++) {
      for (let range = 0; range < ranges; range++) {
        const at = range * (state / ranges);
        const to = i * input + this.#oldest * state + at;
        encoder.copyBufferToBuffer(buffer, offset + i * state + at, this.#kept, to, size);
      }
    }
    this.#oldest = (this.#oldest + 1) % inputSteps;
  }

  get #stateBytes(): number {
    const { channels, height, width } = this.#grid;
    return 4 * channels * height * width;
  }
}
