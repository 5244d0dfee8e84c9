/**
 * The task as rank 0 has it where nobody holds the whole. To train, rank 0 needs no more than the others; but it scores,
 * and shows maps, so it has whole fields of the steps that are validated and tested on. Where every rank reads its own
 * part, it reads these too, and what the training part tells, it has from all ranks. Where it is alone: see `part-task.ts`.
 */
import type { BoxedSource, ReadData } from '../../data/boxed-source.ts';
import type { BoxedChoice } from '../../data/choice/choice.ts';
import type { Dataset, Progress, States } from '../../data/dataset.ts';
import type { DataBox } from '../../data/slice.ts';
import { makeTask } from './make-task.ts';
import { type GridFrame, gridFrame, readStatics, type SharedStatistics } from './slice-moments.ts';
import { dataBoxOf, type ShardBox, trainingRecords } from './slice-task.ts';
import { startReader } from './stream/start-reader.ts';
import { recordBytes } from './stream/windows.ts';
import type { ForecastTask, TaskOptions } from './task.ts';

/** The climatology of a rank's part, [1 + 2 * harmonics, channel, latitude, longitude] of its box's fields. */
export interface ClimatologyPart {
  readonly box: ShardBox;
  readonly climatology: Float32Array;
}

/** The fields that rank 0 scores and shows by. */
export interface ScoredFields extends ReadData {
  /** Where they are left where they lie. */
  close?(): void;
}

/** Share of the memory for data that fields which were read to score are kept in. */
const KEPT_SHARE = 0.125;

/** The fields without time, and a way to those of the records that a score or a map needs. */
export async function streamScored(
  choice: BoxedChoice,
  source: BoxedSource,
  options: TaskOptions,
  memory: number,
): Promise<ScoredFields> {
  const frame = gridFrame(source.fields, options);
  const { length } = frame.times;
  const { dataset, bytesRead } = await source.read({ ...stepsFrom(frame, length), channels: [] });
  const { reader, close } = startReader();
  const size = recordBytes(frame);
  const kept = new Map<number, Float32Array>();
  const load = async (records: readonly number[]): Promise<States> => {
    const lacking = records.filter(record => !kept.has(record));
    const { states } =
      lacking.length > 0 ? await reader.states({ choice, options, memory }, lacking) : { states: [] };
    const found = new Map(lacking.map((record, i) => [record, states[i]]));
    for (const record of new Set(records)) {
      const state = kept.get(record) ?? found.get(record)!;
      found.set(record, state as Float32Array<ArrayBuffer>);
      // The one that was used longest ago goes.
      kept.delete(record);
      kept.set(record, state);
    }
    while (kept.size * size > KEPT_SHARE * memory) kept.delete(kept.keys().next().value!);
    return record => found.get(record)!;
  };
  return {
    dataset: { ...dataset, channels: source.fields.channels, load },
    bytesRead,
    close,
  };
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
