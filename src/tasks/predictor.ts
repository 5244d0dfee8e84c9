/** A trained model as those who score it and show what it gives see it, wherever it lies. */

/** A state [channels, height, width] as a model takes and gives it: padding, if any, in its last rows alone. */
export interface StateGrid {
  /** States of an input, the oldest first. */
  readonly inputSteps: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Rows that are not padding, which is zero in every input. */
  readonly rows: number;
}

/** A batch of predictions, each step of which is fed the one before. */
export interface RollOut {
  /**
   * Begins anew.
   *
   * @param input [batch, inputs, height, width], free to be changed when this returns
   * @param times of the newest inputs
   */
  start(input: Float32Array<ArrayBuffer>, times: Int32Array): void;
  /**
   * Makes the next step: after the step before, without being waited for.
   *
   * @returns [batch, channels, height, width] where it is wanted
   */
  next(wanted: boolean): Promise<Float32Array<ArrayBuffer> | undefined>;
  /** Frees what it holds, when all steps are made. */
  end(): void;
}

export interface Predictor {
  /** Samples of its larger batches; the smaller have one. */
  readonly forecastBatch: number;
  /**
   * From the model's input to its output, `[batch, ...shape]` both.
   *
   * @param batch 1 or `forecastBatch`, which it is where absent
   */
  predict(input: Float32Array<ArrayBuffer>, batch?: number): Promise<Float32Array<ArrayBuffer>>;
  /** Roll-outs on the device; undefined where the model's predictions are only whole on the host. */
  rollOut(batch: number, grid: StateGrid): RollOut | undefined;
}
