/** Time axes by the CF conventions (section 4.4): numbers "since" a reference date become milliseconds since 1970. */
import { DataError } from '../../io/data-error.ts';

const DAY_MS = 86_400_000;

/** Milliseconds of the units of fixed length, by their UDUNITS names without the plural s. */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
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
]);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Milliseconds after midnight UTC; below 0 or above a day where a time zone moves them there. */
  readonly ms: number;
}

/**
 * Milliseconds since 1970-01-01T00:00Z of every value of a time axis.
 *
 * In the `noleap` calendar the first step gets its date and the others follow at their true spacing, so the dates run
 * one day ahead of that calendar for every leap day passed; steps stay equal, which the trainer needs.
 *
 * @param units such as `hours since 2001-01-01 00:00`
 * @param calendar the CF attribute, '' for the default
 * @throws DataError for months and years, for calendars of other year lengths, and for dates that cannot be read
 */
export function decodeTimes(
  values: ArrayLike<number>,
  units: string,
  calendar: string,
  file: string,
): Float64Array {
  const [unit, reference] = units.split(/\ssince\s/i);
  if (reference === undefined) {
    throw new DataError(
      `${file}: the time axis has units "${shortened(units)}"; they must read like "hours since DATE".`,
    );
  }
  const unitName = unit.trim().toLowerCase();
  const unitMs = UNIT_MS.get(unitName) ?? UNIT_MS.get(unitName.replace(/s$/, ''));
  if (unitMs === undefined) {
    throw new DataError(
      `${file}: the time axis counts in "${shortened(unit)}". A forecast needs steps of one length: days, hours, minutes or seconds.`,
    );
  }
  const date = parseDate(reference);
  if (!date) {
    throw new DataError(
      `${file}: cannot read the reference date "${shortened(reference)}" of the time axis.`,
    );
  }
  const origin = originOf(date, (values[0] ?? 0) * unitMs, calendar.trim().toLowerCase(), file);
  return Float64Array.from(values, value => Math.round(origin + value * unitMs));
}

/** Longer texts are no date, and no message. */
const LONGEST = 100;
const shortened = (text: string) => {
  const trimmed = text.trim();
  return trimmed.length > LONGEST ? `${trimmed.slice(0, LONGEST)}...` : trimmed;
};

/** Where the value 0 lies, in milliseconds since 1970, such that `elapsed` after it gets its date right. */
function originOf(date: CalendarDate, elapsed: number, calendar: string, file: string): number {
  switch (calendar) {
    case '':
    case 'none':
    case 'standard':
    case 'gregorian': {
      const reformed = date.year * 10_000 + date.month * 100 + date.day >= 15_821_015;
      return (reformed ? gregorianDay(date) : julianDay(date)) * DAY_MS + date.ms;
    }
    case 'proleptic_gregorian':
      return gregorianDay(date) * DAY_MS + date.ms;
    case 'noleap':
    case '365_day': {
      const first = noleapDay(date) * DAY_MS + date.ms + elapsed;
      const days = Math.floor(first / DAY_MS);
      return gregorianDay(fromNoleapDay(days)) * DAY_MS + (first - days * DAY_MS) - elapsed;
    }
    default:
      throw new DataError(
        `${file}: the calendar "${shortened(calendar)}" has no place on the real one. Convert it: cdo setcalendar,standard in.nc out.nc`,
      );
  }
}

/** `1996-1-5 06:00`, `1996 01 05 00:00`, `15-JAN-1901 00:00:00`, with `Z`, `UTC` or an offset such as `-6:00`. */
function parseDate(text: string): CalendarDate | undefined {
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

/** Days since 1970-01-01 of a date of the Gregorian calendar, extended to any year. */
function gregorianDay({ year, month, day }: Omit<CalendarDate, 'ms'>): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS;
}

/**
 * Days since 1970-01-01 of a date of the Julian calendar, which CF's standard calendar uses before 15 October 1582.
 * Years are counted from March, so that the leap day ends the year; 1970-01-01 is Julian day number 2440588.
 */
function julianDay({ year, month, day }: CalendarDate): number {
  const sinceMarch = (month + 9) % 12;
  const marchYear = year + 4800 - (month < 3 ? 1 : 0);
  return (
    day +
    Math.floor((153 * sinceMarch + 2) / 5) +
    365 * marchYear +
    Math.floor(marchYear / 4) -
    32083 -
    2_440_588
  );
}

function noleapDay({ year, month, day }: CalendarDate): number {
  return year * 365 + MONTH_DAYS.slice(0, month - 1).reduce((a, b) => a + b, 0) + day - 1;
}

function fromNoleapDay(days: number): Omit<CalendarDate, 'ms'> {
  const year = Math.floor(days / 365);
  let day = days - year * 365;
  let month = 0;
  while (day >= MONTH_DAYS[month]) day -= MONTH_DAYS[month++];
  return { year, month: month + 1, day: day + 1 };
}
