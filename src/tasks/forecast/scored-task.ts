/**
 * The task as rank 0 has it where nobody holds the whole. To train, rank 0 needs no more than the others; but it scores,
 * and shows maps, so it has whole fields of the steps that are validated and tested on. Where every rank reads its own
 * part, it reads these too, and what the training part tells, it has from all ranks. Where it is alone: see `part-task.ts`.
 */
import type { BoxedSource, ReadData } from '../../data/boxed-source.ts';
import type { Dataset, Progress } from '../../data/dataset.ts';
import type { DataBox } from '../../data/slice.ts';
import { makeTask } from './make-task.ts';
import { type GridFrame, gridFrame, readStatics, type SharedStatistics } from './slice-moments.ts';
import { dataBoxOf, type ShardBox, trainingRecords } from './slice-task.ts';
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
