/**
 * The contract of a task: what a model is trained for. It says which data there are, what a model's outputs are held
 * against, and how good they are; of the model it sees nothing but what it gives.
 */
import type { Tensor } from '../graph/tensor.ts';
import type { Apply, Frame, Mode, Tensors } from '../models/model.ts';

/** Arrays by the names of a frame's inputs, row-major: `[samples, ...shape]` where there is one for every sample. */
export type Batch = Readonly<Record<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>>;

/** Which draw of a run a sample is: what augmentation is a function of. */
export interface Draw {
  readonly seed: number;
  /** Samples that the run drew before, over all replicas. */
  readonly drawn: number;
}

/** What a rank trains on: the blocks of its inputs. */
export interface TaskShard {
  /** Inputs that are the same for the whole run. */
  readonly constants: Batch;
  /** The samples of the training part, by the shard's own numbers. */
  readonly samples: Int32Array;
  /** That it takes in memory. */
  readonly byteLength: number;
  /** Writes the inputs of a sample at its place `index` in a batch. */
  fill(batch: Batch, index: number, sample: number, draw: Draw): void;
}

/** What of a step a pass computes. */
export interface Share {
  /** Of the whole step, over all its passes and all replicas: the losses of all passes and ranks add up to their mean. */
  readonly samples: number;
}

/** @typeParam Shard what a rank trains on as it travels: plain data */
export interface TaskKind<Shard> {
  /** In frames, presets, the terminal's flags: `forecast`. */
  readonly kind: string;
  openShard(shard: Shard): TaskShard;
  /**
   * The graph of a pass's share of the loss. It may apply the model several times.
   *
   * @param inputs all inputs of the frame, by name; on a mesh the rank's blocks
   * @returns the loss, and the outputs of the model that it is of
   */
  loss(
    apply: Apply,
    inputs: Tensors,
    mode: Mode,
    frame: Frame,
    share: Share,
  ): { readonly loss: Tensor; readonly outputs: Tensors };
}
