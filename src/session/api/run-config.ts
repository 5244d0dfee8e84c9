/** What makes a run: its data, preset, seed and mesh, and what the user changed. Can be structured-cloned. */
import type { DataChoice, KeptChoice } from '../../data/choice/choice.ts';
import type { MeshShape } from '../../mesh/mesh.ts';
import type { WirePrecision } from '../../plan/plan.ts';
import type { TraceDetail } from '../../plan/trace.ts';

export { type TraceDetail, traceDetails } from '../../plan/trace.ts';

/** What the user may change from the preset. Absent: the preset's value. */
export interface RunOverrides {
  readonly batch?: number;
  /**
   * Passes that a step's batch is computed in, one after the other: activations take as much less memory, and the
   * result is the same, to rounding. Default 1.
   */
  readonly accumulate?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Of the kinds of the model and the task, by name: see `kindOptions`. */
  readonly [option: string]: number | undefined;
}

/** How a run is spread over a mesh. */
export interface MeshConfig extends MeshShape {
  /** Parts of a pass that are computed in turn, so that one travels while another computes; default 1. */
  readonly microBatches?: number;
  /** Work goes on while exchanges are in flight; default true. */
  readonly overlap?: boolean;
  /** Precision of what ranks send each other; default f32. */
  readonly wire?: WirePrecision;
}

export interface RunConfig {
  /** Absent: one rank. */
  readonly mesh?: MeshConfig;
  readonly data: DataChoice;
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
  readonly overrides?: RunOverrides;
  /** Activations are computed again in the backward pass instead of kept: less memory, more time, the same numbers. */
  readonly recompute?: boolean;
  /** MiB of main memory that a rank may take for data: what takes more is read while the model trains. See `usualDataMemory`. */
  readonly dataMemory?: number;
  /** Score on the validation part every so many steps (0: only at the end). */
  readonly evaluateEvery?: number;
  /** Sample a step a second, for events of type `trace`: see `TraceDetail`. Default: none is sampled. */
  readonly trace?: TraceDetail;
  /** Save a checkpoint every so many seconds of training (the first after the first evaluation). */
  readonly checkpointSeconds?: number;
}

/** MiB of main memory that a rank takes for data unless told otherwise. */
export const usualDataMemory = 1024;

/** A config as it is kept with a checkpoint. */
export type KeptConfig = Omit<RunConfig, 'data'> & { readonly data: KeptChoice };
