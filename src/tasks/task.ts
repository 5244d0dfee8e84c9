/**
 * The contract of a task: what a model is trained for. It says which data there are, what a model's outputs are held
 * against, and how good they are; of the model it sees nothing but what it gives.
 */
import type { GenericSchema } from 'valibot';
import type { DataChoice } from '../data/choice/choice.ts';
import type { Progress } from '../data/dataset.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { WriteAt } from '../io/write-at.ts';
import type { Apply, DataBlock, Frame, KindOption, Mode, Tensors } from '../models/model.ts';
import type { Predictor } from './predictor.ts';
import type { Score, ScoreHead } from './score.ts';
import type { View, ViewChoice, ViewSpec } from './view.ts';

/** Arrays by the names of a frame's inputs, row-major: `[samples, ...shape]` where there is one for every sample. */
export type Batch = Readonly<Record<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>>;

/** Which draw of a run a sample is: what augmentation is a function of. */
export interface Draw {
  readonly seed: number;
  /** Samples that the run drew before, over all replicas. */
  readonly drawn: number;
}

/**
 * Runs of samples that are stored together, and how many of them samples are drawn from at a time: each run is read once a pass,
 * where a draw from all would read one for every sample.
 */
export interface SampleWindows {
  /** By the shard's numbers of samples: the first of each run, ascending. */
  readonly starts: Int32Array;
  /** Runs of a window. */
  readonly runs: number;
}

/** Of data that are read while the model trains. */
export interface ShardReads {
  /** Bytes, as they lie or come, that were read of the rank's part so far to train on. */
  readonly bytes: number;
  /** What of them a sample would take if everything were read once a pass. */
  readonly idealBytesPerSample: number;
}

/** What a rank trains on: the blocks of its inputs. */
export interface TaskShard {
  /** Inputs that are the same for the whole run. */
  readonly constants: Batch;
  /** The samples of the training part, by the shard's own numbers. */
  readonly samples: Int32Array;
  /** That it takes in memory. */
  readonly byteLength: number;
  /** Samples are drawn from all of them at random where absent. */
  readonly windows?: SampleWindows;
  /** Where it is read while the model trains. */
  readonly reading?: {
    readonly reads: ShardReads;
    /** Samples that it should be told of before they are needed. */
    readonly ahead: number;
    /** Told of the samples that are drawn next, in order, whenever a batch is begun. */
    expect(samples: Int32Array): void;
    close(): void;
  };
  /** Writes the inputs of a sample at its place `index` in a batch: at once, or by the time the promise is settled. */
  fill(batch: Batch, index: number, sample: number, draw: Draw): void | Promise<void>;
}

/** What of a step a pass computes. */
export interface Share {
  /** Of the whole step, over all its passes and all replicas: the losses of all passes and ranks add up to their mean. */
  readonly samples: number;
}

/** How inputs were normalised, as a checkpoint keeps it: to use the model without the data that it was trained on. */
export interface SavedNormalisation {
  /** Plain numbers and words. */
  readonly statistics: object;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

export type ScoredPart = 'validation' | 'test';

/** Forecasts that are wanted as a file. */
export interface ForecastRequest {
  readonly format: 'netcdf' | 'zarr';
  /** From the starts that the test scores are of, or from every time of the data. */
  readonly starts: 'scored' | 'all';
  /** ISO dates, of all starts those from the first (included) to the last (not included). */
  readonly from?: string;
  readonly to?: string;
  /** How far ahead; absent: as far as is scored. */
  readonly leads?: { readonly value: number; readonly unit: 'hours' | 'months' };
}

/** Forecasts that were written. */
export interface SavedForecasts {
  readonly starts: number;
  /** Initial times, as texts. */
  readonly first: string;
  readonly last: string;
  readonly members: number;
  readonly leads: number;
  /** The longest lead, as a text. */
  readonly longest: string;
  /** Of the channels. */
  readonly names: readonly string[];
}

/** The data of a run as rank 0 has them beside what it trains on: to score the model, and to show what it gives. */
export interface RunTask {
  readonly frame: Frame;
  /** Where the data came from, for people. */
  readonly source: string;
  /** They were computed. */
  readonly synthetic: boolean;
  /** What must be said of them, so that nobody takes them for what they are not. */
  readonly notice?: string;
  /** A sentence on what there is of them. */
  readonly summary: string;
  /** Sentences: what was left out and why. It grows where that is found out later. */
  readonly notes?: readonly string[];
  /** What the model gives, by name: channels of a forecast, classes. */
  readonly names: readonly string[];
  readonly samples: Readonly<Record<'train' | ScoredPart, number>>;
  /** Bytes of main memory that it takes beside the shard of rank 0. */
  readonly byteLength: number;
  readonly normalisation: SavedNormalisation;
  readonly views: readonly ViewSpec[];
  /** What the validation part is scored by; nothing where there is none. */
  readonly validationScores: readonly ScoreHead[];
  /** On the validation part in short, as is fit while training goes on; on the test part all there is. */
  evaluate(model: Predictor, part: ScoredPart): Promise<readonly Score[]>;
  /** @param name of one of `views` */
  view(model: Predictor, name: string, choice: ViewChoice): Promise<View>;
  /**
   * Writes forecasts from the starts that the test scores are of; absent where nothing is forecast.
   *
   * @param origin words on what made them
   */
  saveForecasts?(
    model: Predictor,
    request: Pick<ForecastRequest, 'format' | 'leads'>,
    origin: string,
    write: WriteAt,
    progress: Progress,
  ): Promise<SavedForecasts>;
}

/** What ranks say to each other of the data; each kind of task has its own. All of it can be structured-cloned. */
export interface TaskTypes {
  readonly options: object;
  /** What a rank trains on. */
  readonly shard: unknown;
  /** What another rank is asked to read, and what it answers. */
  readonly order: unknown;
  readonly answer: unknown;
  /** What another rank comes by its shard with: the shard, or how it makes it of what it has read. */
  readonly command: unknown;
  /** What rank 0 keeps to open the same data for other ranks. */
  readonly kept: unknown;
}

/** How the ranks of a run share the data. */
export interface OpenContext<Types extends TaskTypes> {
  /** Ranks of the run, and of those the first that hold the model once. */
  readonly ranks: number;
  readonly instance: number;
  /** What every rank holds of the arrays of a frame. @throws ConfigError where the run is impossible with such a frame */
  blocksOf(frame: Frame): readonly DataBlock[];
  /** Asks another rank to read. @throws PeerError */
  ask(rank: number, order: Types['order']): Promise<Types['answer']>;
  /** Bytes of main memory that a rank may take for data; what takes more is read while the model trains. */
  readonly memory: number;
  readonly progress: Progress;
  /** What is left of a run on the same data that this one goes on from. */
  readonly before?: OpenedData<Types>;
}

/** What rank 0 has of the data of a run. */
export interface OpenedData<Types extends TaskTypes> {
  readonly task: RunTask;
  /** Of rank 0. */
  readonly own: Types['shard'];
  /** Compressed bytes that were read to train, by all ranks. */
  readonly bytesRead: number;
  /** Where every rank read its own part. */
  readonly reading?: Reading;
  readonly kept: Types['kept'];
  /** Frees what is read while the model trains: the data are not used any more. */
  close?(): void;
}

/** What it took to read data in parts. */
export interface Reading {
  /** Compressed bytes of each rank's part. */
  readonly bytesRead: readonly number[];
  /** Of what rank 0 read besides, to score and to show. */
  readonly bytesReadToScore: number;
  /** Sentences: what was read more than once, and what rank 0 read for others and to score. */
  readonly notes: readonly string[];
}

export interface Opened<Types extends TaskTypes> {
  readonly data: OpenedData<Types>;
  /** What the ranks but the first get, in their order. To be called once: what rank 0 read for a rank is let go. */
  readonly others: readonly (() => Types['command'])[];
}

/** What any rank but the first has of the data. It outlives the links, so that nothing is read again that is there. */
export interface RankPart<Types extends TaskTypes> {
  /** @param given what the user chose in the page of this rank: links cannot carry files */
  measure(order: Types['order'], given?: DataChoice): Promise<Types['answer']>;
  /** @throws Error where nothing was read that the shard could be made of */
  shardOf(command: Types['command']): Promise<Types['shard']>;
  forget(): void;
}

/** What is known of a kind without data or a graph: what forms and flags offer. */
export interface TaskOutline<Options> {
  /** In frames, presets, the terminal's flags: `forecast`. */
  readonly kind: string;
  /** For people: `Forecast`. */
  readonly label: string;
  /** What a user may change from a preset: the terminal's flags, and the page's fields. */
  readonly options: readonly KindOption<Options>[];
}

/** What comes from another browser: see `wires.ts`. */
export type TaskWire<Types extends TaskTypes> = {
  readonly [Name in 'order' | 'answer' | 'command']: GenericSchema<unknown, Types[Name]>;
};

export interface TaskKind<Types extends TaskTypes> extends TaskOutline<Types['options']> {
  /** Brings all that is not there from the beginning: whoever reads data or compiles a plan waits for it first. */
  load?(): Promise<unknown>;
  /**
   * Reads the data, and cuts them for the ranks or has every rank read its own part.
   *
   * @throws DataError where they cannot be used, ConfigError, PeerError
   */
  open(choice: DataChoice, options: Types['options'], context: OpenContext<Types>): Promise<Opened<Types>>;
  /** The frame of data of these sizes, for plans that are compiled without data. @throws ConfigError */
  plannedFrame(options: Types['options'], sizes: Readonly<Record<string, number>>): Frame;
  createPart(): Promise<RankPart<Types>>;
  openShard(shard: Types['shard']): TaskShard;
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
