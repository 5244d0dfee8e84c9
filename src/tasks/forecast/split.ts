/** Cuts the time axis into training, validation and test, and lists the samples that lie whole in each part. */

import { isoTime } from '../../data/cf/axes.ts';
import type { Dataset } from '../../data/dataset.ts';
import { DataError } from '../../io/data-error.ts';
import { count } from '../../io/number-text.ts';
import type { TaskOptions } from './task.ts';

/** Steps `from` (included) to `to` (not included). */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface Parts {
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
}

/** Of a data set, what tells which steps are known: the values of each step, however many. */
export type Recorded = Pick<Dataset, 'values' | 'times' | 'hasMissing'>;

/** @throws RangeError for fractions or dates that make no sense */
export function splitTime(dataset: Pick<Dataset, 'times'>, { split }: Pick<TaskOptions, 'split'>): Parts {
  const steps = dataset.times.length;
  let cuts: readonly [number, number];
  if (split.kind === 'fraction') {
    const { train, validation } = split;
    if (!(train > 0 && validation >= 0 && train + validation < 1)) {
      throw new RangeError(
        `The split takes ${train} of the record to train and ${validation} to validate; both must be positive and leave some to test.`,
      );
    }
    cuts = [Math.round(steps * train), Math.round(steps * (train + validation))];
  } else {
    const [validationFrom, testFrom] = [split.validationFrom, split.testFrom].map(parseUtc);
    if (!(validationFrom <= testFrom)) {
      throw new RangeError(
        `The split validates from ${split.validationFrom} and tests from ${split.testFrom}; these must be dates such as 2009-01-01, in this order.`,
      );
    }
    const firstFrom = (time: number) => {
      const index = dataset.times.findIndex(t => t >= time);
      return index < 0 ? steps : index;
    };
    cuts = [firstFrom(validationFrom), firstFrom(testFrom)];
  }
  return {
    train: { from: 0, to: cuts[0] },
    validation: { from: cuts[0], to: cuts[1] },
    test: { from: cuts[1], to: steps },
  };
}

/**
 * Newest input steps of the samples of a part: all their inputs and their target lie in it, and something of the
 * target is known.
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
  for (let t = from + inputSteps - 1; t + leadSteps < to; t++) {
    if (isKnown(dataset, t + leadSteps)) samples.push(t);
  }
  if (samples.length === 0 && !(name === 'validation' && from === to)) {
    const { times } = dataset;
    const extent =
      from < to
        ? ` (${isoTime(times[from])} to ${isoTime(times[to - 1])})`
        : ` (the record runs from ${isoTime(times[0])} to ${isoTime(times[times.length - 1])})`;
    throw new DataError(
      `The ${name} part has ${count(to - from)} of ${count(times.length)} steps${extent} and no whole sample in it: one takes ${inputSteps} input steps and a known target ${leadSteps} later, ${inputSteps + leadSteps} steps in all. Use a longer record or another split.`,
    );
  }
  return Int32Array.from(samples);
}

export function isKnown({ values, times, hasMissing }: Recorded, step: number): boolean {
  if (!hasMissing) return true;
  const size = values.length / times.length;
  return values.subarray(step * size, (step + 1) * size).some(value => !Number.isNaN(value));
}

/** A date alone is UTC by the standard; one with a time and no zone would be local time, so it is given one. */
function parseUtc(text: string): number {
  return Date.parse(/T[^Z+-]*$/.test(text) ? `${text}Z` : text);
}
