/**
 * The contract between a run and whoever shows it. A `Session` lives in a worker behind comlink; the page and the
 * terminal's headless page are its two users. Everything in here can be structured-cloned.
 */

import type { DataChoice } from '../../data/choice/choice.ts';
import type { Channel, ProgressField } from '../../data/dataset.ts';
import type { WriteAt } from '../../io/write-at.ts';
import type { RankPlace } from '../../mesh/mesh.ts';
import type { Fact, Frame, ModelConfig } from '../../models/model.ts';
import type { RankLook } from '../../parallel/mesh-trainer.ts';
import type { ShardCopy } from '../../parallel/shard-copies.ts';
import type { Looked } from '../../plan/look.ts';
import type { Plan, PlanStep } from '../../plan/plan.ts';
import type { StepTrace } from '../../plan/trace.ts';
import type { Score, ScoreHead } from '../../tasks/score.ts';
import type { ForecastRequest, SavedForecasts, ScoredPart } from '../../tasks/task.ts';
import type { View, ViewChoice, ViewSpec } from '../../tasks/view.ts';
import type { AdapterSummary } from './adapter.ts';
import type { FormsByAdapter } from './kept-forms.ts';
import type { Wiring } from './rank-api.ts';
import type { KeptConfig, MeshConfig, RunConfig } from './run-config.ts';

export { type ScoreGroup, scoreGroups } from '../../tasks/score.ts';
export type {
  FiltersSpec,
  FiltersView,
  ImagesSpec,
  ImagesView,
  MapSpec,
  MapView,
  RolloutSpec,
  RolloutView,
  TableSpec,
  TableView,
} from '../../tasks/view.ts';
export type {
  Channel,
  ForecastRequest,
  Looked,
  PlanStep,
  ProgressField,
  RankLook,
  SavedForecasts,
  Score,
  ScoredPart,
  ScoreHead,
  ShardCopy,
  StepTrace,
  View,
  ViewChoice,
  ViewSpec,
  WriteAt,
};

/** A plan that a trace of this hash counts the steps of. */
export interface HashedPlan extends Plan {
  readonly hash: string;
}

/** A parameter's gradient of one step, as the ranks compute it and as one device does. */
export interface GradientDifference {
  readonly name: string;
  /** That compute with it. */
  readonly layers: readonly string[];
  /** Of the gradient on one device: the root of the sum of squares. */
  readonly norm: number;
  /** Of any element on any rank that has it. */
  readonly largest: number;
}

/** Bytes of a compiled run by what they hold. */
export interface MemorySummary {
  readonly parameters: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly inputs: number;
  /** What exchanges with other ranks read and write. */
  readonly exchange: number;
  /** In main memory: the rank's part of the data set. */
  readonly data: number;
  /** Of all buffers. */
  readonly total: number;
}

/** A rank of a prepared run. */
export interface RankInfo extends RankPlace {
  readonly memory: MemorySummary;
  /**
   * Bytes of the data that were read for what this rank trains on, compressed. Of the embedded atmosphere, which is
   * not read: bytes of the rank's part in memory.
   */
  readonly bytesReadFromData: number;
}

/** What a step reads of data that are read while the model trains, in bytes as they lie or come. */
export interface StepReads {
  /** Mean over the steps. */
  readonly bytes: number;
  /** If everything were read once a pass, and nothing of it that the rank does not need. */
  readonly ideal: number;
}

/** What a rank did since the last report: means over its steps. */
export interface RankReport {
  readonly rank: number;
  readonly bytesSent: number;
  readonly messagesSent: number;
  /**
   * Of a step: all of it, from the wait for its batch on; that wait; while an exchange was in flight; and while
   * nothing else was done but wait for one. What is neither `dataMs` nor `exposedExchangeMs` is computing.
   */
  readonly stepMs: number;
  readonly dataMs: number;
  readonly exchangeMs: number;
  readonly exposedExchangeMs: number;
  /** Between rank 0 and this one; absent where it is not known. */
  readonly roundTripMs?: number;
  /** Absent where its data are in memory. */
  readonly reads?: StepReads;
}

/** Known once the data are read and the plan is compiled. */
export interface RunInfo {
  readonly config: RunConfig;
  readonly adapter: AdapterSummary;
  /** All of the data as in `RunTask`. */
  readonly source: string;
  readonly synthetic: boolean;
  readonly notice?: string;
  readonly summary: string;
  readonly samples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly validationScores: readonly ScoreHead[];
  readonly views: readonly ViewSpec[];
  /** Kind of the task: see `tasks/index.ts`. */
  readonly task: string;
  /** What a model sees of the data. */
  readonly frame: Frame;
  /** For people: what kind of model it is, and what is worth telling of it. */
  readonly model: string;
  readonly modelConfig: ModelConfig;
  readonly facts: readonly Fact[];
  readonly parameterCount: number;
  /** Of one sample, all kernels counted. */
  readonly forwardFlops: number;
  readonly batch: number;
  readonly memory: MemorySummary;
  /** Kernel dispatches of one training step. */
  readonly dispatches: number;
  /** Steps done: more than 0 for a run that was resumed. */
  readonly step: number;
  /** On a mesh, every rank; `memory` is that of the largest. */
  readonly ranks: readonly RankInfo[];
  /** Of all ranks together; of one alone, what it read. See `RankInfo`. */
  readonly bytesReadFromData: number;
  /** On a mesh whose ranks read for themselves: bytes of the whole fields that rank 0 read besides, compressed. */
  readonly bytesReadToScore: number;
  /** Sentences on how the data were read in parts, and on what was left out. */
  readonly dataNotes: readonly string[];
}

export const runStatuses = ['idle', 'preparing', 'ready', 'running', 'paused', 'done', 'failed'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** `code` is stable, for tests and for the page's choice of what to offer. */
export type ErrorCode =
  | 'no-webgpu'
  | 'device-lost'
  | 'peer-lost'
  | 'too-large'
  | 'bad-data'
  | 'bad-config'
  | 'bad-checkpoint'
  | 'loss-nan'
  | 'storage-full'
  | 'internal';

export interface RunError {
  readonly code: ErrorCode;
  /** What was wrong, with the numbers, and what to do. */
  readonly message: string;
  /** True where `resume` from the last checkpoint makes sense. */
  readonly resumable: boolean;
  /** Of `peer-lost`: the rank that the others cannot work with any more. */
  readonly rank?: number;
  /** Of `internal`: where it was thrown, for whoever mends it. Begins with the message. */
  readonly stack?: string;
}

export type RunEvent =
  | { readonly type: 'status'; readonly status: RunStatus }
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly fraction: number;
      /** Now and then, of what is being computed. */
      readonly field?: ProgressField;
    }
  | {
      readonly type: 'metrics';
      /** Steps done, 1 after the first. */
      readonly step: number;
      /** Training loss of every step since the last event, oldest first; the last one belongs to `step`. */
      readonly losses: readonly number[];
      /** Of every step of `losses`: its learning rate, and the global norm of its gradient before clipping. */
      readonly learningRates: readonly number[];
      readonly gradientNorms: readonly number[];
      /** That the steps of `losses` took, without scores and checkpoints between them. */
      readonly seconds: number;
      /** Mean over the steps of this session. */
      readonly samplesPerSecond: number;
      /** Milliseconds that a step waited for its batch, mean over the steps of `losses`; on a mesh, on rank 0. */
      readonly dataMs: number;
      readonly secondsLeft: number;
      readonly gpuBusySeconds: number;
    }
  /** On the validation part while training, on the test part at the end: see `RunTask.evaluate`. */
  | {
      readonly type: 'scores';
      readonly step: number;
      readonly part: ScoredPart;
      readonly scores: readonly Score[];
    }
  /** On a mesh, along with the metrics. */
  | { readonly type: 'ranks'; readonly step: number; readonly ranks: readonly RankReport[] }
  /**
   * What all ranks left behind of a sampled step, at most once a second, where the config has `trace`: one trace for every
   * rank and pass. `origin` is where their times count from, in ms since 1970.
   */
  | { readonly type: 'trace'; readonly origin: number; readonly traces: readonly StepTrace[] }
  | { readonly type: 'checkpoint'; readonly step: number; readonly bytes: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'error'; readonly error: RunError };

/** What a step that was not trained left behind: see the event `trace`. */
export type Rehearsal = Omit<Extract<RunEvent, { type: 'trace' }>, 'type'>;

/** A checkpoint found in this browser. */
export interface SavedRun {
  readonly id: string;
  readonly step: number;
  readonly steps: number;
  readonly preset: string;
  readonly source: string;
  readonly savedAt: number;
  readonly config: KeptConfig;
}

/** A checkpoint file (safetensors), and the steps done at its moment. */
export interface ExportedCheckpoint {
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface RunResult {
  readonly model: string;
  readonly preset: string;
  readonly parameters: number;
  readonly steps: number;
  readonly lossFirst: number;
  readonly lossLast: number;
  /** On the test part. */
  readonly scores: readonly Score[];
  readonly samplesPerSecond: number;
  /** Milliseconds that a step waited for its batch, mean over the steps of this session; on a mesh, on rank 0. */
  readonly dataMs: number;
  readonly gpuBusySeconds: number;
  readonly peakBytes: number;
  readonly adapter: AdapterSummary;
  /** On a mesh: bytes of every rank, and means over the steps of this session. */
  readonly ranks: readonly RankResult[];
  /** Both as in `RunInfo`. */
  readonly bytesReadFromData: number;
  readonly bytesReadToScore: number;
  /** Of rank 0; absent where its data are in memory. */
  readonly reads?: StepReads;
}

export interface RankResult extends RankPlace {
  readonly parameterBytes: number;
  readonly optimizerBytes: number;
  readonly activationBytes: number;
  readonly receiveBytes: number;
  readonly peakBytes: number;
  /** As in `RankInfo`. */
  readonly bytesReadFromData: number;
  readonly bytesSent: number;
  readonly messagesSent: number;
  readonly exchangeMs: number;
  readonly exposedExchangeMs: number;
  /** A step could not start because its batch was not there, and the device had nothing to do. */
  readonly dataMs: number;
  /** Absent where its data are in memory. */
  readonly reads?: StepReads;
  /** The rest of a step: neither an exposed exchange nor a wait for data. */
  readonly computeMs: number;
}

/**
 * All methods reject with an Error whose message is a `RunError.message` after an `error` event was sent. After one of
 * `prepare`, `train` or `resume` the run has failed; a refused import, export, view or score leaves it as it was.
 * Whatever a method answers, it does so when the events that it sent have been heard.
 */
export interface SessionApi {
  /** Called with every event from now on; pass a `comlink.proxy`. An event is heard when what it returns is settled. */
  subscribe(listener: (event: RunEvent) => unknown): Promise<void>;
  adapter(): Promise<AdapterSummary>;
  /** A short product on its device, GFLOP/s. */
  speed(): Promise<number>;
  /** Links to the other ranks, for the next run with a mesh; those before are closed. Pass the ports as transferred. */
  connect(wiring: Wiring): Promise<void>;
  /**
   * Reads the data, compiles the plan and draws the parameters. Frees a run that was there before.
   *
   * @param checkpoint of the run that is to go on by `importCheckpoint`: products are computed as they were in it. Else, on
   *   a real GPU, it may be measured which of their kernels are fastest, for up to 2 s, where that is not known.
   */
  prepare(config: RunConfig, checkpoint?: Uint8Array): Promise<RunInfo>;
  /**
   * Trains until done, paused or failed; resolves with the status then.
   *
   * @param most steps, after which it pauses by itself
   */
  train(most?: number): Promise<RunStatus>;
  /** Resolves once the step in flight is done and a checkpoint is saved. */
  pause(): Promise<void>;
  /** Draws the parameters again; the data and the plan stay. */
  reset(seed: number): Promise<void>;
  /** @param name of one of `RunInfo.views`, which says what may be chosen */
  view(name: string, choice: ViewChoice): Promise<View>;
  /** Scores of the model as it is now. */
  score(part: ScoredPart): Promise<readonly Score[]>;
  /**
   * Writes forecasts of the model as it is now, from the starts that its test scores are of.
   *
   * @param request its `starts` are the scored ones
   * @param write a `comlink.proxy`
   */
  saveForecasts(request: ForecastRequest, write: WriteAt): Promise<SavedForecasts>;
  /**
   * Likewise of the model of a checkpoint, which needs no run that is prepared: only what the forecasts start from is read,
   * and nothing is learned from it.
   *
   * @param config of its run, with the data to start from
   */
  forecast(
    config: RunConfig,
    checkpoint: Uint8Array,
    request: ForecastRequest,
    write: WriteAt,
  ): Promise<SavedForecasts>;
  /**
   * What a rank of the prepared run does in a step, as plain data: the steps that traces count, of its last pass and, where
   * there are several, of those before.
   */
  plan(rank: number): Promise<readonly HashedPlan[]>;
  /**
   * Values of operands of the next step, which all ranks compute together up to its update: of the last of the plans that
   * `plan` gives, that of the step's first pass. Nothing of the run changes: later losses are the same to the last bit.
   * Refused while the run trains.
   *
   * @returns for every look its block, as it is up to 64 KiB, else as means: see `poolsOf`
   */
  look(looks: readonly RankLook[]): Promise<readonly Looked[]>;
  /**
   * Runs the next step up to its update on all ranks together, as a sample, and throws its result away: what a step does,
   * before one is trained. Nothing of the run changes. Undefined while it trains, or where it leaves no traces.
   */
  rehearse(): Promise<Rehearsal | undefined>;
  /**
   * The next step on one device too, in an undivided model of the same state that is made for it and let go: how far its
   * gradients are from those of the ranks. Nothing of the run changes. Refused while it trains.
   */
  sameAlone(): Promise<readonly GradientDifference[]>;
  result(): Promise<RunResult>;
  /** The newest checkpoint kept in this browser, if any. */
  savedRun(): Promise<SavedRun | undefined>;
  /**
   * Continues the saved run: prepares with its config (data files must be given again), on another mesh where one is
   * given, and restores its state.
   */
  resume(data?: DataChoice, mesh?: MeshConfig): Promise<RunInfo>;
  /**
   * Goes on with the run of this session on another mesh, after `connect`, from its last checkpoint; resolves paused.
   * Where every rank reads its own part of the data, those with another part than before read again. Else the data stay
   * in memory, unless this rank was alone: then it has kept no more than it trains on and scores, and reads again for
   * the others. Where it fails, it can be called again: the checkpoint stays too.
   */
  regroup(mesh: MeshConfig | undefined): Promise<RunInfo>;
  /**
   * Puts the newest whole checkpoint of a room's run together, of what this browser and the ranks that are connected keep
   * of it, and saves it as the run of this browser, for `resume`, on a mesh of at most `ranks` ranks. Where the browser
   * has no room, a warning says that it is kept in memory. Where it cannot be put together, no event says so: no run has
   * failed.
   *
   * @param copies shards of it that this page has besides
   */
  takeOver(room: string, copies: readonly ShardCopy[], ranks: number): Promise<SavedRun>;
  forgetSavedRun(): Promise<void>;
  /** The run as it is now, while training goes on; every step up to then has been told of. */
  exportCheckpoint(): Promise<ExportedCheckpoint>;
  /**
   * Restores a checkpoint file into the prepared run; refuses one of another model. Where its run computed products in
   * other forms on this adapter, the prepared run is compiled anew, in these.
   */
  importCheckpoint(bytes: Uint8Array): Promise<number>;
  /** The forms of products that this browser keeps as the fastest of its adapters; none where the adapter's are fixed. */
  keptForms(): Promise<FormsByAdapter>;
  /** Keeps those too that another browser gave, as a file has them; what is none is passed over. */
  keepForms(forms: unknown): Promise<void>;
  close(): Promise<void>;
}
