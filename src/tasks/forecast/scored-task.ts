/**
 * The task as rank 0 has it where nobody holds the whole. To train, rank 0 needs no more than the others; but it scores,
 * and shows maps, so it has whole fields of the steps that are validated and tested on. Where every rank reads its own
 * part, it reads these too, and what the training part tells, it has from all ranks; where it is alone, they are what
 * its own shard leaves of the task.
 */
import type { BoxedSource, ReadData } from '../../data/boxed-source.ts';
import type { Dataset, Progress } from '../../data/dataset.ts';
import type { DataBox } from '../../data/slice.ts';
import { makeTask, taskOf } from './make-task.ts';
import { type GridFrame, gridFrame, readStatics, type SharedStatistics } from './slice-moments.ts';
import {
  dataBoxOf,
  type ForecastShard,
  frameOf,
  type ShardBox,
  shardOf,
  trainingRecords,
} from './slice-task.ts';
import type { ForecastTask, TaskOptions } from './task.ts';

/** The climatology of a rank's part, [1 + 2 * harmonics, channel, latitude, longitude] of its box's fields. */
export interface ClimatologyPart {
  readonly box: ShardBox;
  readonly climatology: Float32Array;
}

/** Reads all fields from the first step of the validation part on. @throws DataError where the source cannot be read */
export function readScored(
  source: BoxedSource,
  options: TaskOptions,
  progress?: Progress,
): Promise<ReadData> {
  const frame = gridFrame(source.fields, options);
  return source.read(stepsFrom(frame, trainingRecords(frame)), progress);
}

/**
 * @param scored the fields of `readScored`
 * @param parts of all ranks of an instance: together they predict every channel of every row
 * @returns the task, whose data set holds no step before the validation part
 */
export function scoredTask(
  frame: GridFrame,
  scored: Dataset,
  shared: SharedStatistics,
  parts: readonly ClimatologyPart[],
): ForecastTask {
  const { options } = frame;
  const { mean, std, staticMean, staticStd, train, validation, test, masked } = shared;
  const dataset = {
    ...scored,
    times: frame.times,
    steps: frame.steps,
    firstStep: trainingRecords(frame),
    hasMissing: masked,
  };
  return makeTask(dataset, options, {
    normalisation: {
      kind: options.normalisation,
      mean,
      std,
      staticMean,
      staticStd,
      climatology: joinClimatology(frame, parts),
      harmonics: options.harmonics,
    },
    train,
    validation,
    test,
  });
}

/**
 * Parts a task for a rank that is alone: the shard that it trains on, and the task that it scores by, whose data set
 * holds no step before the validation part. Together they take the memory of the whole, but for a mask.
 *
 * @param box all of the task
 * @param isOwn the whole is not used any more: its training part is normalised where it lies, unless it must be padded
 */
export function partTask(
  whole: ForecastTask,
  box: ShardBox,
  isOwn: boolean,
): { readonly shard: ForecastShard; readonly task: ForecastTask } {
  const { dataset, options, normalisation, height, width } = whole;
  const { values, times, latitude, longitude } = dataset;
  const frame = frameOf(whole);
  const firstStep = trainingRecords(frame);
  const first = firstStep * (values.length / times.length);
  const inPlace = isOwn && height === latitude.length && width === longitude.length;
  const shard = shardOf(frame, box, dataset, normalisation, inPlace ? values.subarray(0, first) : undefined);
  // A copy lets the rest of the whole go.
  const scored = inPlace ? values.subarray(first) : values.slice(first);
  return { shard, task: taskOf({ ...dataset, values: scored, firstStep }, options, whole) };
}

/** All fields, from this step on. */
function stepsFrom(frame: GridFrame, timeFrom: number): DataBox {
  return {
    channels: frame.channels.map((_, c) => c),
    statics: Array.from({ length: readStatics(frame) }, (_, s) => s),
    latitudeFrom: 0,
    latitudeTo: frame.latitude.length,
    timeFrom,
  };
}

/** [1 + 2 * harmonics, channel, latitude, longitude] of the whole. */
function joinClimatology(frame: GridFrame, parts: readonly ClimatologyPart[]): Float32Array {
  const { channels, latitude, longitude, options } = frame;
  const columns = longitude.length;
  const terms = 1 + 2 * options.harmonics;
  const out = new Float32Array(terms * channels.length * latitude.length * columns);
  for (const { box, climatology } of parts) {
    const { channels: held, latitudeFrom, latitudeTo } = dataBoxOf(frame, box);
    const size = (latitudeTo - latitudeFrom) * columns;
    for (let k = 0; k < terms; k++) {
      held.forEach((c, i) => {
        const from = (k * held.length + i) * size;
        const to = ((k * channels.length + c) * latitude.length + latitudeFrom) * columns;
        out.set(climatology.subarray(from, from + size), to);
      });
    }
  }
  return out;
}
