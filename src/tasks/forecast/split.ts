/** Cuts the time axis into training, validation and test, and lists the samples that lie whole in each part. */

import type { Dataset } from '../../data/dataset.ts';
import { membersOf, type RecordAxis, recordAhead } from '../../data/record-axis.ts';
import { isoDay, isoTime, parseDay } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { count } from '../../io/number-text.ts';
import type { SampleOptions } from './sample-options.ts';
import type { RecordExtent, Split, TaskOptions } from './task.ts';

/** Records `from` (included) to `to` (not included): all members of each of their times. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface Parts {
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
}

/** Of a data set, what tells which records are known: the values of each, however many. */
export type Recorded = Pick<Dataset, 'values' | 'hasMissing'> & RecordAxis;

/** @throws RangeError for fractions or dates that make no sense */
export function splitTime(
  dataset: Pick<RecordAxis, 'times' | 'members' | 'calendar' | 'stepHours'>,
  options: SampleOptions,
): Parts {
  const records = dataset.times.length;
  const members = membersOf(dataset);
  const steps = records / members;
  const split = splitFor(dataset, options);
  let cuts: readonly [number, number];
  if (split.kind === 'fraction') {
    const { train, validation } = split;
    if (!(train > 0 && validation >= 0 && train + validation < 1)) {
      throw new RangeError(
        `The split takes ${train} of the record to train and ${validation} to validate; both must be positive and leave some to test.`,
      );
    }
    // No time is in two parts, so no member of it is.
    cuts = [Math.round(steps * train) * members, Math.round(steps * (train + validation)) * members];
  } else {
    const [validationFrom, testFrom] = [split.validationFrom, split.testFrom].map(date =>
      parseDay(date, dataset.calendar),
    );
    if (!(validationFrom <= testFrom)) {
      throw new RangeError(
        `The split validates from ${split.validationFrom} and tests from ${split.testFrom}; these must be dates such as 2009-01-01, in this order.`,
      );
    }
    const firstFrom = (time: number) => {
      const index = dataset.times.findIndex(t => t >= time);
      return index < 0 ? records : index;
    };
    cuts = [firstFrom(validationFrom), firstFrom(testFrom)];
  }
  return {
    train: { from: 0, to: cuts[0] },
    validation: { from: cuts[0], to: cuts[1] },
    test: { from: cuts[1], to: records },
  };
}

/** Of a part that nobody asked for: whole samples that would fit in it one after the other. */
const roomForSamples = 4;

/** The split as these data are cut by it: see `Split`. */
export function splitFor(
  dataset: Pick<RecordAxis, 'times' | 'members' | 'calendar' | 'stepHours'>,
  { split, inputSteps, leadSteps }: SampleOptions,
): Split {
  if (split.kind !== 'fraction' || !split.madeFor) return split;
  const { kind, train, validation, madeFor } = split;
  const half = (1 - train) / 2;
  const steps = dataset.times.length / membersOf(dataset);
  const isLong = steps * half >= roomForSamples * (inputSteps + leadSteps);
  const isOther = validation === 0 && isLong && !isRecord(dataset, madeFor);
  return { kind, train, validation: isOther ? half : validation };
}

function isRecord(
  { times, calendar, stepHours }: Pick<RecordAxis, 'times' | 'calendar' | 'stepHours'>,
  { first, last, stepHours: hours }: RecordExtent,
): boolean {
  const day = (time: number) => isoDay(time, calendar);
  return day(times[0]) === first && day(times[times.length - 1]) === last && stepHours === hours;
}

/**
 * Newest input records of the samples of a part: all their inputs and their target lie in it, no step between them is
 * lacking, and something of the target is known.
 *
 * @throws DataError where the part holds no sample, unless it is empty and may be
 */
export function samplesOf(
  dataset: Recorded,
  name: keyof Parts,
  { from, to }: Part,
  { inputSteps, leadSteps }: Pick<TaskOptions, 'inputSteps' | 'leadSteps'>,
): Int32Array {
  const samples: number[] = [];
  for (let t = from; t < to; t++) {
    const oldest = recordAhead(dataset, t, 1 - inputSteps);
    const target = recordAhead(dataset, t, leadSteps);
    if (oldest === undefined || oldest < from || target === undefined || target >= to) continue;
    if (isKnown(dataset, target)) samples.push(t);
  }
  if (samples.length === 0 && !(name === 'validation' && from === to)) {
    const { times, calendar } = dataset;
    const members = membersOf(dataset);
    const extent =
      from < to
        ? ` (${isoTime(times[from], calendar)} to ${isoTime(times[to - 1], calendar)})`
        : ` (the record runs from ${isoTime(times[0], calendar)} to ${isoTime(times[times.length - 1], calendar)})`;
    throw new DataError(
      `The ${name} part has ${count((to - from) / members)} of ${count(times.length / members)} steps${extent} and no whole sample in it: one takes ${inputSteps} input steps and a known target ${leadSteps} later, ${inputSteps + leadSteps} steps in all. Use a longer record or another split.`,
    );
  }
  return Int32Array.from(samples);
}

export function isKnown({ values, times, hasMissing }: Recorded, step: number): boolean {
  if (!hasMissing) return true;
  const size = values.length / times.length;
  return values.subarray(step * size, (step + 1) * size).some(value => !Number.isNaN(value));
}

/** Newest input records of a part whose sample would cross a step that is lacking: they are left out. */
export function leftOut(
  dataset: RecordAxis,
  { from, to }: Part,
  { inputSteps, leadSteps }: Pick<TaskOptions, 'inputSteps' | 'leadSteps'>,
): number {
  const { steps } = dataset;
  if (!steps || from >= to) return 0;
  const last = steps[to - 1];
  let crossing = 0;
  for (let t = from; t < to; t++) {
    // Where nothing were lacking, there would be a sample.
    if (steps[t] - steps[from] < inputSteps - 1 || steps[t] + leadSteps > last) continue;
    const isWhole =
      recordAhead(dataset, t, 1 - inputSteps) !== undefined &&
      recordAhead(dataset, t, leadSteps) !== undefined;
    if (!isWhole) crossing++;
  }
  return crossing;
}
