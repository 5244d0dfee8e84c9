/**
 * The shard of a task whose data set no rank holds whole. Every rank reads its own slice and takes the moments of it;
 * all ranks get the moments of every slice, and merged they are the statistics of the whole. A climatology is fitted
 * point by point, so a rank needs that of its own points alone.
 *
 *   rank:  slice -> `momentsOf` -> [gather from all ranks] -> `mergeMoments` -> `shardOfSlice`
 */

import type { Dataset, SourceFields, StaticField } from '../../data/dataset.ts';
import type { DataBox } from '../../data/slice.ts';
import { DataError } from '../../io/data-error.ts';
import { evaluateClimatology, fitClimatology } from './climatology.ts';
import { POSITION_FIELDS, positionFields, SEASON_CHANNELS } from './guides.ts';
import { checkOptions, paddedGrid } from './make-task.ts';
import { usableStd } from './normalise.ts';
import { dataBoxOf, type ForecastShard, type ShardBox, shardOf, type TaskFrame } from './slice-task.ts';
import { isKnown, samplesOf, splitTime } from './split.ts';
import type { ForecastTask, Normalisation, TaskOptions } from './task.ts';

/** What is known of a task before any field is read. */
export type GridFrame = Omit<TaskFrame, 'train' | 'validation' | 'test' | 'masked'>;

export const gridFrame = (fields: SourceFields, options: TaskOptions): GridFrame => ({
  ...fields,
  statics: fields.statics + (options.positionInputs ? POSITION_FIELDS : 0),
  options,
});

/** How many values, their mean, and the sum of the squares of their deviations from it. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** The moments of one rank's part, by global indices. Small, and can be sent as it is (or as JSON). */
export interface PartMoments {
  readonly channels: readonly (readonly [channel: number, moments: Moments])[];
  readonly statics: readonly (readonly [field: number, moments: Moments])[];
  /** Records of which some value of the part is known, one digit each: '1' or '0'. */
  readonly known: string;
  readonly hasMissing: boolean;
}

/** Statistics of the whole data set: the part of a `Normalisation` that is the same for all ranks. */
export interface SharedStatistics
  extends Pick<Normalisation, 'mean' | 'std' | 'staticMean' | 'staticStd'>,
    Pick<TaskFrame, 'train' | 'validation' | 'test' | 'masked'> {}

/** A rank's slice, what it tells the others of it, and what it keeps. */
export interface MeasuredSlice {
  readonly slice: Dataset;
  readonly climatology: Float32Array;
  readonly part: PartMoments;
}

/** The sizes that a model is made for. @throws RangeError, DataError for options that do not suit the grid */
export function taskShapeOf(
  frame: GridFrame,
): Pick<ForecastTask, 'channels' | 'statics' | 'height' | 'width' | 'options'> {
  const { channels, statics, options } = frame;
  checkOptions(frame, options);
  const [height, width] = paddedGrid(frame, options.patch);
  const season = options.seasonInputs ? SEASON_CHANNELS : 0;
  return { channels: channels.length, statics: statics + season, height, width, options };
}

/** What a rank must read: its shard's box, less the fields of position, which are computed. */
export function readBoxOf(frame: GridFrame, box: ShardBox): DataBox {
  const data = dataBoxOf(frame, box);
  return { ...data, statics: data.statics.filter(s => s < readStatics(frame)) };
}

/** Static fields that a source has: position is computed. */
export const readStatics = ({ statics, options }: GridFrame) =>
  statics - (options.positionInputs ? POSITION_FIELDS : 0);

/**
 * Fits the climatology of a slice to the training part and measures the channels that the rank predicts: together the
 * ranks of an instance predict every channel of every row once. Static fields are measured where they are taken in.
 *
 * @param read the fields of `readBoxOf`
 */
export function momentsOf(frame: GridFrame, box: ShardBox, read: Dataset): MeasuredSlice {
  checkOptions(frame, frame.options);
  const data = dataBoxOf(frame, box);
  const slice = { ...read, statics: withOwnPosition(frame, data, read.statics) };
  const { harmonics, normalisation } = frame.options;
  const { from, to } = splitTime(frame, frame.options).train;
  const climatology = fitClimatology(slice, from, to, harmonics);
  const points = slice.latitude.length * slice.longitude.length;
  const state = slice.channels.length * points;
  const bases = Array.from({ length: to - from }, (_, t) =>
    normalisation === 'anomaly'
      ? evaluateClimatology(climatology, harmonics, slice.times[from + t], slice.calendar)
      : undefined,
  );
  // The mean anomaly is 0 by the fit.
  const knownMean = normalisation === 'anomaly' ? 0 : undefined;
  const moments = (channel: number): Moments =>
    measure(visit => {
      const first = channel * points;
      for (let t = from; t < to; t++) {
        const base = bases[t - from];
        for (let p = first; p < first + points; p++)
          visit(slice.values[t * state + p] - (base ? base[p] : 0));
      }
    }, knownMean);
  const own = data.channels.flatMap((c, i) =>
    box.outputChannels.includes(c) ? [[c, moments(i)] as const] : [],
  );
  return {
    slice,
    climatology,
    part: {
      channels: own,
      statics: data.statics.map((s, i) => [s, measure(visit => slice.statics[i].values.forEach(visit))]),
      known: Array.from(slice.times, (_, t) =>
        slice.values.length > 0 && isKnown(slice, t) ? '1' : '0',
      ).join(''),
      hasMissing: slice.hasMissing,
    },
  };
}

/** @throws DataError for a channel that is never known, RangeError where no part has some channel or static field */
export function mergeMoments(frame: GridFrame, parts: readonly PartMoments[]): SharedStatistics {
  const merged = (kind: 'channels' | 'statics', index: number): Moments => {
    const found = parts.flatMap(part => part[kind].flatMap(([i, moments]) => (i === index ? [moments] : [])));
    if (found.length === 0)
      throw new RangeError(`No rank measured ${kind} ${index}; the parts are not complete.`);
    const moments = found.reduce(together);
    if (kind === 'channels' && moments.count === 0) {
      throw new DataError(
        `${frame.channels[index].longName} (${frame.channels[index].name}) is missing everywhere in the training part. Leave it out or check its fill value.`,
      );
    }
    return moments;
  };
  const deviation = ({ count, mean, squares }: Moments) =>
    usableStd(Math.sqrt(squares / Math.max(count, 1)), mean);
  const all = frame.channels.map((_, c) => merged('channels', c));
  const fixed = Array.from({ length: frame.statics }, (_, s) => merged('statics', s));
  const masked = parts.some(part => part.hasMissing);
  // One value a record: all that the choice of samples looks at.
  const values = Float32Array.from(frame.times, (_, t) =>
    parts.some(part => part.known[t] === '1') ? 0 : Number.NaN,
  );
  const recorded = { ...frame, values, hasMissing: masked };
  const split = splitTime(frame, frame.options);
  return {
    mean: all.map(({ mean }) => mean),
    std: all.map(deviation),
    staticMean: fixed.map(({ mean }) => mean),
    staticStd: fixed.map(deviation),
    train: samplesOf(recorded, 'train', split.train, frame.options),
    validation: samplesOf(recorded, 'validation', split.validation, frame.options),
    test: samplesOf(recorded, 'test', split.test, frame.options),
    masked,
  };
}

/** The rank's shard of the task: to rounding the one that `sliceTask` cuts from the whole. */
export function shardOfSlice(
  frame: GridFrame,
  box: ShardBox,
  { slice, climatology }: MeasuredSlice,
  shared: SharedStatistics,
): ForecastShard {
  return shardOf({ ...frame, ...shared }, box, slice, normOf(frame, box, climatology, shared));
}

/** The normalisation of a part. */
export function normOf(
  frame: GridFrame,
  box: ShardBox,
  climatology: Float32Array,
  shared: SharedStatistics,
): Normalisation {
  const { channels, statics } = dataBoxOf(frame, box);
  const { normalisation, harmonics } = frame.options;
  return {
    kind: normalisation,
    harmonics,
    climatology,
    mean: channels.map(c => shared.mean[c]),
    std: channels.map(c => shared.std[c]),
    staticMean: statics.map(s => shared.staticMean[s]),
    staticStd: statics.map(s => shared.staticStd[s]),
  };
}

/** The static fields of a box: those that were read, and position. */
export function withOwnPosition(
  frame: GridFrame,
  { statics, latitudeFrom, latitudeTo }: DataBox,
  read: readonly StaticField[],
): StaticField[] {
  const computed = positionFields(frame.latitude.slice(latitudeFrom, latitudeTo), frame.longitude);
  const first = readStatics(frame);
  return [...read, ...statics.filter(s => s >= first).map(s => computed[s - first])];
}

/** @param about the mean, where it is known; found first else, for the sum of squares would cancel */
export function measure(each: (visit: (value: number) => void) => void, about?: number): Moments {
  let count = 0;
  let sum = 0;
  each(value => {
    if (Number.isNaN(value)) return;
    count++;
    sum += value;
  });
  const mean = about ?? sum / Math.max(count, 1);
  let squares = 0;
  each(value => {
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  });
  return { count, mean, squares };
}

/** As `measure`, of the known values of an array: without a call for each. */
export function measureField(values: Float32Array): Moments {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    count++;
    sum += values[i];
  }
  const mean = sum / Math.max(count, 1);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) squares += (values[i] - mean) ** 2;
  }
  return { count, mean, squares };
}

/** Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", equation 2.1. */
export function together(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  if (count === 0) return a;
  const delta = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (delta * b.count) / count,
    squares: a.squares + b.squares + (delta * delta * a.count * b.count) / count,
  };
}
