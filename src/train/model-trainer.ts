/** What a session asks of whatever trains, and what a trainer asks of the links of its rank. */
import type { Peers } from '../engine/exchange-actions.ts';
import type { ParameterLayout } from '../plan/layout.ts';
import type { LossLog } from './loss-log.ts';
import type { CheckpointLabel, TrainerState } from './trainer-state.ts';

/** One batch, row-major: see `trainingPlan`. */
export interface Batch {
  readonly input: Float32Array<ArrayBuffer>;
  readonly target: Float32Array<ArrayBuffer>;
  readonly mask?: Float32Array<ArrayBuffer>;
}

/** A state that is being read while training may go on. */
export interface StateSnapshot<Label> {
  readonly label: Label;
  readonly state: Promise<TrainerState>;
}

/** Flag of the blocks of a step after which the first rank has something else in mind. */
export const HOLD = 1;

/** The links of a rank, as a trainer uses them. */
export interface MeshPeers extends Peers {
  /** A plan is about to be run by all ranks of its groups, for or after this step; `flags` go with its blocks. */
  beginRound(step: number, flags: number): void;
  /** Flags of all blocks received in this round. */
  readonly flagsHeard: number;
}

/**
 * What a session asks of whatever trains: a `Trainer` on its own, or the first rank of a mesh on behalf of all.
 * Batches, states and forecasts are those of the whole model there.
 */
export interface ModelTrainer {
  /** Layout of the whole model's parameters. */
  readonly layout: ParameterLayout;
  readonly losses: LossLog;
  readonly step: number;
  readonly gpuBusySeconds: number;
  /** Samples of a training step, and of the larger forecasts. */
  readonly batch: number;
  readonly forecastBatch: number;
  /** Spaces of the parameters and the optimizer's state: the keys of a `TrainerState`. */
  readonly stateSpaces: readonly string[];
  /** Kernels of one training step. */
  readonly dispatches: number;
  /** True where no rank runs ahead: the model can be read, and used for forecasts. */
  readonly held: boolean;
  reset(seed: number): Promise<void>;
  /** @param hold after this step something else follows than another one */
  trainStep(batch: Batch, learningRate: number, seed: number, hold?: boolean): Promise<void>;
  predict(input: Float32Array<ArrayBuffer>, batch?: number): Promise<Float32Array<ArrayBuffer>>;
  bytesBySpace(): Record<string, number>;
  /**
   * The state after all steps so far, of one moment. Resolves when that moment is over: training may go on, and the
   * values follow.
   *
   * @param labelOf called at that moment with the steps done; ranks keep the state as a checkpoint where it gives a label
   */
  snapshot<Label extends CheckpointLabel | undefined>(
    labelOf: (step: number) => Label,
  ): Promise<StateSnapshot<Label>>;
  writeState(state: TrainerState, step: number): Promise<void>;
  destroy(): void;
}
