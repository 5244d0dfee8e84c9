/** Time axes by the CF conventions (section 4.4): numbers "since" a reference date become milliseconds since 1970. */
import {
  addMonths,
  type Calendar,
  type CalendarDate,
  calendarOf,
  DAY_MS,
  dayOf,
  monthDays,
} from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';

/** Milliseconds of the units of fixed length, by their UDUNITS names without the plural s. */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['nanosecond', 1e-6],
  ['nsec', 1e-6],
  ['ns', 1e-6],
  ['microsecond', 1e-3],
  ['usec', 1e-3],
  ['us', 1e-3],
  ['millisecond', 1],
  ['msec', 1],
  ['millisec', 1],
  ['ms', 1],
  ['second', 1000],
  ['sec', 1000],
  ['s', 1000],
  ['minute', 60_000],
  ['min', 60_000],
  ['hour', 3_600_000],
  ['hr', 3_600_000],
  ['h', 3_600_000],
  ['day', DAY_MS],
  ['d', DAY_MS],
  ['week', 7 * DAY_MS],
]);

/** Months of the units of no fixed length. UDUNITS makes a month a twelfth of a year; who writes it means the calendar's. */
const UNIT_MONTHS: ReadonlyMap<string, number> = new Map([
  ['month', 1],
  ['mon', 1],
  ['year', 12],
  ['yr', 12],
]);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

interface ReferenceDate extends CalendarDate {
  /** Milliseconds after midnight UTC; below 0 or above a day where a time zone moves them there. */
  readonly ms: number;
}

export interface DecodedTimes {
  /** Milliseconds since 1970-01-01T00:00Z of the calendar. */
  readonly times: Float64Array;
  readonly calendar: Calendar;
}

/**
 * @param units such as `hours since 2001-01-01 00:00`
 * @param calendarName the CF attribute, '' for the default
 * @throws DataError for units and calendars that are not known, for dates that cannot be read or that the calendar lacks, and
 *   where a step has no time or lies beyond all dates
 */
export function decodeTimes(
  values: ArrayLike<number>,
  units: string,
  calendarName: string,
  file: string,
): DecodedTimes {
  const [unit, reference] = units.split(/\ssince\s/i);
  if (reference === undefined) {
    const name = shortened(units).toLowerCase();
    const singular = name.replace(/s$/, '');
    const counted = UNIT_MS.has(singular) || UNIT_MONTHS.has(singular) ? `${singular}s` : 'hours';
    throw new DataError(
      `${file}: the time axis has units "${shortened(units)}"; they must read like "hours since DATE". If you know the date, write it into the file: ncatted -a units,time,o,c,"${counted} since 2001-01-01" in.nc out.nc`,
    );
  }
  const calendar = calendarOf(calendarName);
  if (!calendar) {
    throw new DataError(
      `${file}: the calendar "${shortened(calendarName)}" is not known. Those of CF are: standard, proleptic_gregorian, julian, noleap, all_leap, 360_day.`,
    );
  }
  const name = unit.trim().toLowerCase();
  const singular = name.replace(/s$/, '');
  const unitMs = UNIT_MS.get(name) ?? UNIT_MS.get(singular);
  const unitMonths = UNIT_MONTHS.get(singular);
  if (unitMs === undefined && unitMonths === undefined) {
    throw new DataError(
      `${file}: the time axis counts in "${shortened(unit)}". Known are seconds and their parts, minutes, hours, days, weeks, months and years.`,
    );
  }
  const date = parseReference(reference);
  if (!date || date.day > monthDays(date, calendar)) {
    throw new DataError(
      `${file}: cannot read the reference date "${shortened(reference)}" of the time axis${date ? `: the calendar ${calendar} has no such day` : ''}.`,
    );
  }
  const origin = dayOf(date, calendar) * DAY_MS + date.ms;
  const timeOf = (value: number) =>
    unitMs === undefined ? monthsAfter(origin, value * unitMonths!, calendar) : origin + value * unitMs;
  const times = Float64Array.from(values, value => Math.round(timeOf(value)));
  checkTimes(times, file);
  return { times, calendar };
}

/** Of a fraction the share of the month that it falls in. */
function monthsAfter(origin: number, months: number, calendar: Calendar): number {
  const whole = Math.floor(months);
  // More than there are dates, or no number.
  if (!(Math.abs(whole) < 1e7)) return months * 30 * DAY_MS;
  const from = addMonths(origin, whole, calendar);
  return whole === months ? from : from + (months - whole) * (addMonths(origin, whole + 1, calendar) - from);
}

/** Milliseconds from 1970 to the years 274 000 and -270 000; the language has no dates that are 2 000 years further. */
const FURTHEST_MS = 8.58e15;

function checkTimes(times: Float64Array, file: string): void {
  if (times.length === 0) throw new DataError(`${file}: the time axis has no steps.`);
  for (let i = 0; i < times.length; i++) {
    if (!Number.isFinite(times[i])) throw new DataError(`${file}: time step ${i + 1} has no time.`);
    if (Math.abs(times[i]) > FURTHEST_MS) {
      const years = Math.round(times[i] / (365.2425 * DAY_MS)).toPrecision(3);
      throw new DataError(
        `${file}: time step ${i + 1} lies ${years} years from 1970, beyond all dates. Check the units and the values of the time axis.`,
      );
    }
  }
}

/** Longer texts are no date, and no message. */
const LONGEST = 100;
const shortened = (text: string) => {
  const trimmed = text.trim();
  return trimmed.length > LONGEST ? `${trimmed.slice(0, LONGEST)}...` : trimmed;
};

/** `1996-1-5 06:00`, `1996 01 05 00:00`, `15-JAN-1901 00:00:00`, with `Z`, `UTC` or an offset such as `-6:00`. */
function parseReference(text: string): ReferenceDate | undefined {
  if (text.trim().length > LONGEST) return undefined;
  const match =
    /^(\d{1,4})[-/ ]([a-z]{3}|\d{1,2})[-/ ](\d{1,4})(?:[t ]\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?)?\s*(?:z|utc|gmt|([+-]?)(\d{1,2}):?(\d{2}))?$/i.exec(
      text.trim(),
    );
  if (!match) return undefined;
  const [, first, middle, last, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = match;
  const named = MONTHS.indexOf(middle.toLowerCase()) + 1;
  const month = named > 0 ? named : Number(middle);
  const [year, day] = named > 0 ? [Number(last), Number(first)] : [Number(first), Number(last)];
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return undefined;
  const clock = (h = '0', m = '0', s = '0') => Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000;
  const zone = clock(zoneHours, zoneMinutes) * (sign === '-' ? -1 : 1);
  return { year, month, day, ms: clock(hours, minutes, seconds) - zone };
}
