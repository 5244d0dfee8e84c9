/**
 * The part of a forecasting task that one rank trains on: its rows and its channels of the training part, normalised
 * once and kept ready, with the loss weights and the samples. A rank that is alone has all rows and channels. A shard is
 * plain arrays, so it can be sent to the rank's worker.
 *
 * What a rank takes in and what it predicts are two lists of channels (`ShardBox`), for the input of a model has
 * every past step and the statics side by side, and blocks of it cut across them. A channel that the rank needs for
 * several steps, or on both sides, is held once.
 */

import type { Channel, Dataset } from '../../data/dataset.ts';
import { axisOf, membersOf, type RecordAxis } from '../../data/record-axis.ts';
import { type DataBox, sliceDataset } from '../../data/slice.ts';
import type { SampleWindows } from '../task.ts';
import { evaluateClimatology } from './climatology.ts';
import { SEASON_CHANNELS, seasonAt } from './guides.ts';
import { paddedGrid, padStatics, rowWeights } from './make-task.ts';
import { splitTime } from './split.ts';
import { windowsOf } from './stream/windows.ts';
import type { ForecastTask, Normalisation, TaskOptions } from './task.ts';

/** What a rank takes in and predicts. -1 stands for a channel of padding: all zeros, of no weight. */
export interface ShardBox {
  /**
   * Indices among the channels of the whole model's input: the C prognostic channels of the oldest step, of the next,
   * and so on, then the static fields (position among them), then the season.
   */
  readonly inputChannels: readonly number[];
  /** Indices among the C prognostic channels. */
  readonly outputChannels: readonly number[];
  /** Rows of the padded grid, from the first (included) to the last (not included). May reach beyond it: zeros. */
  readonly rowFrom: number;
  readonly rowTo: number;
}

/** What all ranks know of the task, without any field. */
export interface TaskFrame extends RecordAxis {
  /** The prognostic channels C. */
  readonly channels: readonly Channel[];
  /** Static fields, position among them. */
  readonly statics: number;
  /** Of the whole grid. */
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  readonly options: TaskOptions;
  /** See `SourceFields`. */
  readonly blocks?: Int32Array;
  /** Records of the newest input of every sample. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** True where a value of the data set is missing, on whichever rank: then all ranks have masks. */
  readonly masked: boolean;
}

/** Where a channel of a shard's input comes from. */
export type InputSource =
  /** `channel` counts among the shard's own; `age` in records before the newest input. */
  | { readonly kind: 'state'; readonly channel: number; readonly age: number }
  | { readonly kind: 'static'; readonly field: number }
  | { readonly kind: 'season'; readonly term: number }
  | { readonly kind: 'padding' };

export interface ForecastShard {
  readonly box: ShardBox;
  /** Rows of the shard and columns, with padding. */
  readonly height: number;
  readonly width: number;
  /** Rows among them that the padded grid has; what lies beyond is zero throughout. */
  readonly gridRows: number;
  /** Records from the newest input to the target. */
  readonly leadRecords: number;
  /** Global indices of the prognostic channels held, in the order of `values`. */
  readonly channels: readonly number[];
  /** Normalised [record, channel, height, width], those of the training part; 0 where missing or padding. */
  readonly values: Float32Array;
  /** 1 where `values` holds a known value, 0 where missing or padding; absent where the data set has no gaps. */
  readonly known?: Uint8Array<ArrayBuffer>;
  /** Normalised [static field, height, width]. */
  readonly statics: Float32Array<ArrayBuffer>;
  /** Cosine and sine of the time of year of each of these records, [record, 2]; absent where the model is not told it. */
  readonly season?: Float32Array<ArrayBuffer>;
  /** One for every input channel of the box. */
  readonly inputs: readonly InputSource[];
  /** For every output channel of the box its index among the shard's own channels, -1 for padding. */
  readonly targets: readonly number[];
  /**
   * Loss weight w of ((prediction - target) * w)^2: [output channel, height, width], the square root of area weight
   * times variable weight, zero on padding; over all ranks, the mean of w^2 over valid points and channels is 1.
   */
  readonly lossWeight: Float32Array<ArrayBuffer>;
  /** Records of the newest input of every sample. */
  readonly train: Int32Array;
  /** How they are drawn; at random from all where absent. */
  readonly windows?: SampleWindows;
}

/** A shard without its fields, which are read as they are needed. */
export type ShardHead = Omit<ForecastShard, 'values' | 'known'>;

/** The frame of a task whose data set is in memory. */
export function frameOf(task: ForecastTask): TaskFrame {
  const { dataset, options, train, validation, test } = task;
  const { channels, latitude, longitude, times, steps, hasMissing } = dataset;
  return {
    channels,
    statics: dataset.statics.length,
    latitude,
    longitude,
    ...axisOf(dataset),
    times,
    steps,
    options,
    train,
    validation,
    test,
    masked: hasMissing,
  };
}

/**
 * The fields that a shard needs, each once, in ascending order.
 *
 * @throws RangeError where the box names channels that the model does not have
 */
export function dataBoxOf(
  frame: Pick<TaskFrame, 'channels' | 'statics' | 'latitude' | 'options'>,
  box: ShardBox,
): DataBox {
  const sources = globalInputs(frame, box);
  const channels = new Set(box.outputChannels.filter(c => c >= 0));
  const statics = new Set<number>();
  for (const source of sources) {
    if (source.kind === 'state') channels.add(source.channel);
    if (source.kind === 'static') statics.add(source.field);
  }
  const unknown = [...channels].find(c => !(c < frame.channels.length));
  if (unknown !== undefined) {
    throw new RangeError(`The shard's outputs name channel ${unknown} of ${frame.channels.length}.`);
  }
  const rows = frame.latitude.length;
  const ascending = (set: Set<number>) => [...set].sort((a, b) => a - b);
  return {
    channels: ascending(channels),
    statics: ascending(statics),
    latitudeFrom: Math.min(box.rowFrom, rows),
    latitudeTo: Math.min(box.rowTo, rows),
  };
}

/** The part of a whole task that a rank needs to train; its numbers are those of the task, to the last bit. */
export function sliceTask(task: ForecastTask, box: ShardBox): ForecastShard {
  const frame = frameOf(task);
  const data = { ...dataBoxOf(frame, box), timeTo: trainingRecords(frame) };
  return shardOf(frame, box, sliceDataset(task.dataset, data), cutNormalisation(task, data));
}

/** Records of the training part, with which every data set begins. */
export const trainingRecords = (
  frame: Pick<TaskFrame, 'times' | 'stepHours' | 'members' | 'calendar' | 'options'>,
): number => splitTime(frame, frame.options).train.to;

/**
 * @param slice the box's fields (`dataBoxOf`), of the training part at least
 * @param norm of the channels, static fields and rows of the slice
 * @param into where the normalised fields are put; it may be the memory of the slice where the grid has no padding
 */
export function shardOf(
  frame: TaskFrame,
  box: ShardBox,
  slice: Dataset,
  norm: Normalisation,
  into?: Float32Array,
): ForecastShard {
  const times = frame.times.slice(0, trainingRecords(frame));
  return {
    ...shardHead(frame, box, slice, norm),
    ...normalisedStates(frame, box, { ...slice, times }, norm, into),
  };
}

/** @param slice see `shardOf`; of its fields the static ones alone */
export function shardHead(
  frame: TaskFrame,
  box: ShardBox,
  slice: Pick<Dataset, 'statics' | 'longitude'>,
  norm: Normalisation,
): ShardHead {
  const data = dataBoxOf(frame, box);
  const [gridHeight, width] = paddedGrid(frame, frame.options.patch);
  const height = box.rowTo - box.rowFrom;
  const times = frame.times.slice(0, trainingRecords(frame));
  const members = membersOf(frame);
  const windows = windowsOf(frame);
  const place = (index: readonly number[], global: number) => index.indexOf(global);
  return {
    box,
    height,
    width,
    gridRows: Math.max(0, Math.min(box.rowTo, gridHeight) - box.rowFrom),
    leadRecords: frame.options.leadSteps * members,
    channels: data.channels,
    statics: padStatics(slice, norm, height, width),
    season: frame.options.seasonInputs
      ? Float32Array.from([...times].flatMap(time => seasonAt(time, frame.calendar)))
      : undefined,
    inputs: globalInputs(frame, box).map((source): InputSource => {
      if (source.kind === 'state') {
        return { ...source, channel: place(data.channels, source.channel), age: source.age * members };
      }
      if (source.kind === 'static') return { ...source, field: place(data.statics, source.field) };
      return source;
    }),
    targets: box.outputChannels.map(c => place(data.channels, c)),
    lossWeight: localWeights(frame, box, width),
    train: frame.train,
    ...(windows && { windows }),
  };
}

/** The box's input channels by what they are; channels and static fields by their global indices. */
function globalInputs(
  { channels, statics, options }: Pick<TaskFrame, 'channels' | 'statics' | 'options'>,
  box: ShardBox,
): InputSource[] {
  const { inputSteps, seasonInputs } = options;
  const states = inputSteps * channels.length;
  const total = states + statics + (seasonInputs ? SEASON_CHANNELS : 0);
  return box.inputChannels.map((i): InputSource => {
    if (i < 0) return { kind: 'padding' };
    if (i >= total) throw new RangeError(`The shard's inputs name channel ${i} of ${total}.`);
    if (i >= states + statics) return { kind: 'season', term: i - states - statics };
    if (i >= states) return { kind: 'static', field: i - states };
    const age = inputSteps - 1 - Math.floor(i / channels.length);
    return { kind: 'state', channel: i % channels.length, age };
  });
}

/** Normalised fields of the records of `times`, on the shard's padded rows: as `ForecastTask.fillInput` writes them. */
export function normalisedStates(
  frame: TaskFrame,
  box: ShardBox,
  { channels, latitude, longitude, times, values, calendar }: Dataset,
  norm: Normalisation,
  into?: Float32Array,
): Pick<ForecastShard, 'values' | 'known'> {
  const { masked } = frame;
  const [, width] = paddedGrid(frame, frame.options.patch);
  const height = box.rowTo - box.rowFrom;
  const out = into ?? new Float32Array(times.length * channels.length * height * width);
  const [rows, columns] = [latitude.length, longitude.length];
  const known = masked ? new Uint8Array(out.length) : undefined;
  const { kind, climatology, harmonics, mean, std } = norm;
  const means = Float64Array.from(mean);
  const base = new Float32Array(kind === 'anomaly' ? channels.length * rows * columns : 0);
  /** Rows that follow each other are one where they are not padded. */
  const [runs, length] = width === columns ? [1, rows * columns] : [rows, columns];
  for (let t = 0; t < times.length; t++) {
    // Without harmonics it is the same at all times, and of an ensemble for all members.
    if (kind === 'anomaly' && (t === 0 || (harmonics > 0 && times[t] !== times[t - 1]))) {
      evaluateClimatology(climatology, harmonics, times[t], calendar, base);
    }
    for (let c = 0; c < channels.length; c++) {
      for (let y = 0; y < runs; y++) {
        const p = c * rows * columns + y * length; // in [channel, latitude, longitude]
        const from = t * channels.length * rows * columns + p;
        const at = (t * channels.length + c) * height * width + y * width;
        normalise(
          values.subarray(from, from + length),
          kind === 'anomaly'
            ? { about: base.subarray(p, p + length), step: 1 }
            : { about: means.subarray(c, c + 1), step: 0 },
          std[c],
          out.subarray(at, at + length),
          known?.subarray(at, at + length),
        );
      }
    }
  }
  return { values: out, known };
}

/**
 * Writes fields of one channel as deviations, in units of their standard deviation; 0 where they are missing.
 *
 * @param about what they deviate from: one for each, or, in steps of 0, one for all
 * @param known set to 1 where they are known
 */
function normalise(
  fields: Float32Array,
  { about, step }: { readonly about: Float32Array | Float64Array; readonly step: 0 | 1 },
  std: number,
  out: Float32Array,
  known?: Uint8Array,
): void {
  for (let i = 0; i < fields.length; i++) {
    const value = (fields[i] - about[i * step]) / std;
    const isKnown = !Number.isNaN(value);
    out[i] = isKnown ? value : 0;
    if (known && isKnown) known[i] = 1;
  }
}
/** Computed for the box alone: at a quarter of a degree the weights of all channels are 286 MB. */
function localWeights(frame: TaskFrame, box: ShardBox, width: number): Float32Array<ArrayBuffer> {
  const [rows, columns] = [frame.latitude.length, frame.longitude.length];
  const weights = rowWeights(frame, frame.options); // [C, latitude]
  const height = box.rowTo - box.rowFrom;
  const out = new Float32Array(box.outputChannels.length * height * width);
  box.outputChannels.forEach((c, i) => {
    for (let row = box.rowFrom; c >= 0 && row < Math.min(box.rowTo, rows); row++) {
      const at = (i * height + row - box.rowFrom) * width;
      out.fill(weights[c * rows + row], at, at + columns);
    }
  });
  return out;
}

/** The normalisation of a box of the task's data set. */
function cutNormalisation({ dataset, normalisation: norm }: ForecastTask, box: DataBox): Normalisation {
  const pick = (numbers: readonly number[], indices: readonly number[]) => indices.map(i => numbers[i]);
  return {
    ...norm,
    mean: pick(norm.mean, box.channels),
    std: pick(norm.std, box.channels),
    staticMean: pick(norm.staticMean, box.statics),
    staticStd: pick(norm.staticStd, box.statics),
    climatology: cutClimatology(dataset, norm, box),
  };
}

/** [1 + 2 * harmonics, channel, latitude, longitude] of the box. */
function cutClimatology(
  { channels, latitude, longitude }: Dataset,
  { climatology, harmonics }: Normalisation,
  { channels: chosen, latitudeFrom, latitudeTo }: DataBox,
): Float32Array {
  const columns = longitude.length;
  const size = (latitudeTo - latitudeFrom) * columns;
  const terms = 1 + 2 * harmonics;
  const out = new Float32Array(terms * chosen.length * size);
  for (let k = 0; k < terms; k++) {
    chosen.forEach((c, i) => {
      const from = ((k * channels.length + c) * latitude.length + latitudeFrom) * columns;
      out.set(climatology.subarray(from, from + size), (k * chosen.length + i) * size);
    });
  }
  return out;
}
