/**
 * The forecasting task made from a data set: which steps go in, which come out, how they are normalised, and which
 * samples train, validate and test. It fills what forecasts are made from, and scores them; what a rank trains on is
 * a shard of it (see `slice-task.ts`). It knows no GPU.
 */
import type { Dataset, States } from '../../data/dataset.ts';

/** How the time axis is cut. A sample belongs to a part only if all its steps, inputs and target, lie in it. */
export type Split =
  /**
   * Fractions of the record, in time order: the rest is the test. Where none is to validate, since the settings were chosen before on
   * the data of `madeFor`, half of the rest of other data validates, if it is long enough for samples.
   */
  | {
      readonly kind: 'fraction';
      readonly train: number;
      readonly validation: number;
      readonly madeFor?: RecordExtent;
    }
  /** ISO dates (UTC): train before `validationFrom`, validation up to `testFrom`, test from there. */
  | { readonly kind: 'date'; readonly validationFrom: string; readonly testFrom: string };

/** A record by its times: ISO days (UTC) of the first and the last. */
export interface RecordExtent {
  readonly first: string;
  readonly last: string;
  readonly stepHours: number;
}

export interface TaskOptions {
  /** Past steps given to the model, the newest last: 1 or more. */
  readonly inputSteps: number;
  /** Steps from the newest input to the target. */
  readonly leadSteps: number;
  /** The grid is padded at its high end to a multiple of this [height, width]; padding has weight zero. */
  readonly patch: readonly [number, number];
  readonly split: Split;
  /**
   * `standard`: (x - mean of the channel) / its standard deviation.
   * `anomaly`: (x - climatology at that point and day) / standard deviation of the anomaly of the channel.
   * Both from the training part alone.
   */
  readonly normalisation: 'standard' | 'anomaly';
  /** Annual harmonics of the climatology (0: only the mean). */
  readonly harmonics: number;
  /** Sine of latitude, and longitude, as further static inputs. */
  readonly positionInputs?: boolean;
  /** Cosine and sine of the time of year of the newest input as further inputs, counted among the statics. */
  readonly seasonInputs?: boolean;
  /** Weight of the squared error by `Channel.name` or, for what is not named so, `Channel.variable`; 1 else. */
  readonly variableWeights?: Readonly<Record<string, number>>;
}

/** What a preset says of a forecast. */
export interface ForecastOptions extends TaskOptions {
  /** Starts that a score is taken over at most, evenly spaced. */
  readonly scoredStarts: number;
  /** Model steps ahead of the scores on the test part. */
  readonly scoredSteps: readonly number[];
}

/** What a checkpoint must keep to make forecasts again without the training data. */
export interface Normalisation {
  readonly kind: TaskOptions['normalisation'];
  /** Per channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly staticMean: readonly number[];
  readonly staticStd: readonly number[];
  /** Harmonics fitted per channel and point: [1 + 2 * harmonics, channel, latitude, longitude]. */
  readonly climatology: Float32Array;
  readonly harmonics: number;
}

export interface ForecastTask {
  readonly dataset: Dataset;
  readonly options: TaskOptions;
  readonly normalisation: Normalisation;
  /** Prognostic channels C, and static channels S (position and season among them). */
  readonly channels: number;
  readonly statics: number;
  /** Padded grid. */
  readonly height: number;
  readonly width: number;
  /** Records of the newest input of every sample: see `RecordAxis`. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /**
   * Writes one normalised input at `out[offset...]`: [inputSteps * C + S, height, width], channels ordered
   * oldest step first, all C of a step together, the statics last. Missing and padded points are 0.
   *
   * @param states of its records: see `statesOf`; not needed where all are in memory
   */
  fillInput(time: number, out: Float32Array, offset: number, states?: States): void;
  /** Writes 1 where the target is known, 0 where it is missing or padding: [C, height, width]. */
  fillMask(time: number, out: Float32Array, offset: number, states?: States): void;
  /** Turns a normalised state [C, height, width] valid at step `time` into physical units [C, latitude, longitude]. */
  denormalise(state: Float32Array, time: number): Float32Array;
  /** Likewise, of a state valid at so many milliseconds since 1970 of the calendar, in or out of the record. */
  denormaliseAt(state: Float32Array, time: number): Float32Array;
  /** The climatology [C, latitude, longitude] in physical units at step `time` (past the record's end too). */
  climatologyAt(time: number): Float32Array;
}
