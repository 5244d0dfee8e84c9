/** What makes a run go on where it was: the arrays of a trainer, and all that must be known beside them. */
import type { ModelConfig } from '../models/model.ts';
import type { FormsByAdapter } from './measured-forms.ts';
import type { PlateauState } from './schedule.ts';

/** The flat arrays by space, each as long as its layout: see `inSpace`. */
export type TrainerState = Readonly<Record<string, Float32Array<ArrayBuffer>>>;

/** What a checkpoint holds beside the arrays. */
export interface CheckpointInfo {
  readonly preset: string;
  readonly model: ModelConfig;
  /** What the model gives, by name and in order: the channels of a forecast, or classes. */
  readonly channels: readonly string[];
  readonly source: string;
  readonly seed: number;
  readonly step: number;
  readonly steps: number;
  readonly lossFirst: number;
  readonly lossLast: number;
  readonly plateau: PlateauState;
  /** Milliseconds since 1970; of two checkpoints of one run, the later one has the larger, whatever clocks say. */
  readonly savedAt: number;
  /**
   * How products are computed on every adapter that the run has been on, but for those with fixed forms: with these, what
   * goes on computes the same. Absent in checkpoints of versions that had the usual forms only.
   */
  readonly forms?: FormsByAdapter;
}

/** What goes with every shard of a checkpoint, so that another session can go on from the shards. */
export interface CheckpointLabel {
  readonly info: CheckpointInfo;
  /** How the session prepared the run; nobody but another session reads it. */
  readonly config: unknown;
}
