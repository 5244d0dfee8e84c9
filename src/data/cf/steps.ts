/** Time axes must have equal steps: a forecast is so many steps ahead. */

import { DataError } from '../../io/data-error.ts';
import { isoTime } from './axes.ts';

/**
 * Steps are equal if their lengths differ by no more than this share: a day count in single precision is minutes off,
 * while months, which are not equal, differ by 3 % and more.
 */
const SAME_STEP = 0.02;

export interface EqualSteps {
  /** Milliseconds since 1970, now exactly `stepHours` apart. */
  readonly times: Float64Array;
  readonly stepHours: number;
  /** Index of the step nearest to a time. */
  stepOf(time: number): number;
}

/**
 * @param times increasing, in milliseconds since 1970
 * @param names of the files, for messages
 * @throws DataError where there are fewer than two steps, or not equal ones
 */
export function equalSteps(times: Float64Array, names: string): EqualSteps {
  const count = times.length;
  if (count === 0) throw new DataError(`${names}: the time axis has no steps.`);
  if (count === 1) {
    throw new DataError(
      `${names}: there is only one time step (${isoTime(times[0])}); a forecast needs at least two.`,
    );
  }
  // The usual spacing is the median; the mean would be wrong for every step where one is missing.
  const spacings = Float64Array.from({ length: count - 1 }, (_, i) => times[i + 1] - times[i]).sort();
  const usual = spacings[(count - 1) >> 1];
  for (let i = 1; i < count; i++) {
    const spacing = times[i] - times[i - 1];
    if (Math.abs(spacing - usual) > SAME_STEP * usual) {
      throw new DataError(
        `The time steps are not equally spaced: most are ${hours(usual)} apart, but ${isoTime(times[i - 1])} is followed by ${isoTime(times[i])} (${hours(spacing)}). Fill the gap with missing values or use a part without it.`,
      );
    }
  }
  const step = Math.round((times[count - 1] - times[0]) / (count - 1) / 1000) * 1000;
  if (step === 0) {
    throw new DataError(`${names}: the time steps are ${usual} ms apart; at least a second is needed.`);
  }
  return {
    times: Float64Array.from({ length: count }, (_, i) => times[0] + i * step),
    stepHours: step / 3_600_000,
    stepOf: (time: number) => Math.round((time - times[0]) / step),
  };
}

const hours = (ms: number) => `${Number((ms / 3_600_000).toFixed(2))} h`;
