/**
 * The steps of a time axis, from times in any order. A forecast is so many steps ahead, so steps have one length, in time or in
 * months; some may be lacking. Times that repeat are one step.
 */
import { type Calendar, dateOf, isoTime, monthDays } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { MONTH_HOURS } from '../../io/number-text.ts';
import type { RecordAxis } from '../record-axis.ts';

/**
 * Steps are equal if their lengths differ by no more than this share: a day count in single precision is minutes off,
 * while months, which are not equal, differ by 3 % and more.
 */
const SAME_STEP = 0.02;

/** Monthly means are dated to any day, but all to the same part of the month, up to this share of it. */
const SAME_PART = 0.15;

const HOUR_MS = 3_600_000;

/** Of the shortest year that a calendar has. */
const YEAR_MS = 359 * 24 * HOUR_MS;

/** Without the members of an ensemble. Times are exactly a step apart where none is lacking. */
export interface TimeSteps extends Omit<RecordAxis, 'members'> {
  readonly calendar: Calendar;
  /** Index of the step nearest to a time. */
  stepOf(time: number): number;
}

/**
 * @param given in milliseconds since 1970 of the calendar
 * @param names of the files, for messages
 * @throws DataError where there are fewer than two steps, or not such of one length
 */
export function timeSteps(given: Float64Array, calendar: Calendar, names: string): TimeSteps {
  const sorted = given.toSorted();
  const times = sorted.filter((time, i) => i === 0 || time > sorted[i - 1]);
  const count = times.length;
  if (count === 0) throw new DataError(`${names}: the time axis has no steps.`);
  if (count === 1) {
    throw new DataError(
      `${names}: there is only one time step (${isoTime(times[0], calendar)}); a forecast needs at least two.`,
    );
  }
  // The usual spacing is the median; the mean would be wrong for every step where one is missing.
  const spacings = Float64Array.from({ length: count - 1 }, (_, i) => times[i + 1] - times[i]).sort();
  const usual = spacings[(count - 1) >> 1];
  // Years are not equal either, though they differ by less than a day.
  const years = usual > YEAR_MS ? monthSteps(times, calendar) : undefined;
  if (years) return { times, calendar, stepOf: time => nearest(times, time), ...years };
  const first = firstOther(times, usual);
  if (first === undefined) {
    const step = wholeSeconds((times[count - 1] - times[0]) / (count - 1), names, usual);
    return {
      times: Float64Array.from({ length: count }, (_, i) => times[0] + i * step),
      stepHours: step / HOUR_MS,
      calendar,
      stepOf: time => Math.round((time - times[0]) / step),
    };
  }
  const stepOf = (time: number) => nearest(times, time);
  const withGaps = gapSteps(times, spacings, usual, names);
  if (withGaps) return { times, calendar, stepOf, ...withGaps };
  const months = monthSteps(times, calendar);
  if (months) return { times, calendar, stepOf, ...months };
  const [before, after] = [times[first - 1], times[first]];
  throw new DataError(
    `${names}: the time steps are not equally spaced: most are ${hours(usual)} apart, but ${isoTime(before, calendar)} is followed by ${isoTime(after, calendar)} (${hours(after - before)}). Steps may be lacking, but those that are there must lie whole steps or whole months apart.`,
  );
}

/** Index of the first time that does not lie a usual step after the one before. */
function firstOther(times: Float64Array, usual: number): number | undefined {
  for (let i = 1; i < times.length; i++) {
    if (Math.abs(times[i] - times[i - 1] - usual) > SAME_STEP * usual) return i;
  }
  return undefined;
}

function wholeSeconds(spacing: number, names: string, usual: number): number {
  const step = Math.round(spacing / 1000) * 1000;
  if (step > 0) return step;
  throw new DataError(`${names}: the time steps are ${usual} ms apart; at least a second is needed.`);
}

/** Steps of one length, of which some are lacking; undefined where times lie at parts of a step. */
function gapSteps(times: Float64Array, spacings: Float64Array, usual: number, names: string) {
  const single = spacings.filter(spacing => Math.abs(spacing - usual) <= SAME_STEP * usual);
  const step = wholeSeconds(single.reduce((a, b) => a + b, 0) / single.length, names, usual);
  const steps = new Int32Array(times.length);
  for (let i = 1; i < times.length; i++) {
    const spacing = times[i] - times[i - 1];
    const ahead = Math.round(spacing / step);
    // The step is right to half a second, so over a long gap it is a little off.
    const off = ahead > 1 ? Math.abs(spacing - ahead * step) - 500 * ahead : Math.abs(spacing - usual);
    if (ahead < 1 || off > SAME_STEP * usual) return undefined;
    steps[i] = steps[i - 1] + ahead;
  }
  return { stepHours: step / HOUR_MS, steps };
}

/** Steps of one or more months; undefined where times lie at other parts of their months. */
function monthSteps(times: Float64Array, calendar: Calendar) {
  const dates = Array.from(times, time => dateOf(time, calendar));
  const months = dates.map(({ year, month }) => 12 * year + month);
  const parts = dates.map(
    (date, i) =>
      (date.day - 1 + (times[i] / 86_400_000 - Math.floor(times[i] / 86_400_000))) /
      monthDays(date, calendar),
  );
  if (parts.some(part => Math.abs(part - parts[0]) > SAME_PART)) return undefined;
  const spacings = months.slice(1).map((month, i) => month - months[i]);
  const stepMonths = spacings.toSorted((a, b) => a - b)[spacings.length >> 1];
  if (stepMonths < 1 || spacings.some(spacing => spacing < 1 || spacing % stepMonths !== 0)) return undefined;
  const steps = Int32Array.from(months, month => (month - months[0]) / stepMonths);
  const isWhole = steps[steps.length - 1] === steps.length - 1;
  return { stepHours: stepMonths * MONTH_HOURS, stepMonths, steps: isWhole ? undefined : steps };
}

/**
 * What is wrong where a field has two values for a time that its axis names twice; undefined where it names none twice.
 *
 * @param stored the step of each stored time
 */
export function clashOf(
  stored: readonly number[],
  { times, calendar }: TimeSteps,
  words: string,
): string | undefined {
  const seen = new Set<number>();
  const step = stored.find(found => seen.size === seen.add(found).size);
  if (step === undefined) return undefined;
  return `${words} has two values at ${isoTime(times[step], calendar)}, which its time axis names twice. Leave out one of the two steps: cdo -seltimestep, or ncks -d time,...`;
}

function nearest(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - times[low - 1] < times[low] - time ? low - 1 : low;
}

const LONG_HOURS = 72;

const hours = (ms: number) =>
  ms < LONG_HOURS * HOUR_MS
    ? `${Number((ms / HOUR_MS).toFixed(2))} h`
    : `${Number((ms / (24 * HOUR_MS)).toFixed(2))} d`;
