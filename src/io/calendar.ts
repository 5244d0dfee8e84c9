/**
 * The calendars that data are dated in. A time is milliseconds since 1970-01-01T00:00Z *of its calendar*: in a calendar of
 * 360 days a year, 1971 begins 360 days later. Nothing is converted from one to another.
 *
 * Names are those of the CF conventions, section 4.4.1.
 */

export const calendars = [
  'standard',
  'proleptic_gregorian',
  'julian',
  'noleap',
  'all_leap',
  '360_day',
] as const;

export type Calendar = (typeof calendars)[number];

export const DAY_MS = 86_400_000;

export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Under its usual names; undefined for one that is not known. */
export function calendarOf(name: string): Calendar | undefined {
  switch (name.trim().toLowerCase()) {
    case '':
    case 'none':
    case 'standard':
    case 'gregorian':
      return 'standard';
    case 'proleptic_gregorian':
      return 'proleptic_gregorian';
    case 'julian':
      return 'julian';
    case 'noleap':
    case '365_day':
      return 'noleap';
    case 'all_leap':
    case '366_day':
      return 'all_leap';
    case '360_day':
      return '360_day';
    default:
      return undefined;
  }
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LEAP_MONTH_DAYS = MONTH_DAYS.map((days, month) => (month === 1 ? 29 : days));

/** Months of every year, where all years are alike. */
const FIXED: Partial<Record<Calendar, readonly number[]>> = {
  noleap: MONTH_DAYS,
  all_leap: LEAP_MONTH_DAYS,
  '360_day': MONTH_DAYS.map(() => 30),
};

/** The day on which the standard calendar goes over from Julian to Gregorian dates. */
const REFORM_DAY = gregorianDay({ year: 1582, month: 10, day: 15 });

/** Of the calendar's year, on average over all years. */
export function yearMs(calendar: Calendar = 'standard'): number {
  const months = FIXED[calendar];
  // 365.25 days keep the phase within a day of the Gregorian calendar over any record.
  return (months ? months.reduce((a, b) => a + b, 0) : 365.25) * DAY_MS;
}

/** Days since 1970-01-01 of the calendar. */
export function dayOf(date: CalendarDate, calendar: Calendar = 'standard'): number {
  const months = FIXED[calendar];
  if (months) {
    const before = months.slice(0, date.month - 1).reduce((a, b) => a + b, 0);
    return (date.year - 1970) * months.reduce((a, b) => a + b, 0) + before + date.day - 1;
  }
  if (calendar === 'julian') return julianDay(date) - julianDay({ year: 1970, month: 1, day: 1 });
  if (calendar === 'proleptic_gregorian') return gregorianDay(date);
  const isGregorian = date.year * 10_000 + date.month * 100 + date.day >= 15_821_015;
  return isGregorian ? gregorianDay(date) : julianDay(date);
}

/** @param time milliseconds since 1970 of the calendar */
export function dateOf(time: number, calendar: Calendar = 'standard'): CalendarDate {
  const days = Math.floor(time / DAY_MS);
  const months = FIXED[calendar];
  if (months) {
    const ofYear = months.reduce((a, b) => a + b, 0);
    const year = Math.floor(days / ofYear);
    let day = days - year * ofYear;
    let month = 0;
    while (day >= months[month]) day -= months[month++];
    return { year: 1970 + year, month: month + 1, day: day + 1 };
  }
  if (calendar === 'julian') return julianDate(days + julianDay({ year: 1970, month: 1, day: 1 }));
  if (calendar === 'standard' && days < REFORM_DAY) return julianDate(days);
  const date = new Date(days * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Time of day is kept; a day that the month lacks becomes its last. */
export function addMonths(time: number, months: number, calendar: Calendar = 'standard'): number {
  const { year, month, day } = dateOf(time, calendar);
  const later = year * 12 + month - 1 + months;
  const first = { year: Math.floor(later / 12), month: modulo(later, 12) + 1, day: 1 };
  const start = dayOf(first, calendar);
  const ofDay = time - Math.floor(time / DAY_MS) * DAY_MS;
  return (start + Math.min(day, monthDays(first, calendar)) - 1) * DAY_MS + ofDay;
}

/** Days of the month that a date is in. */
export function monthDays({ year, month }: CalendarDate, calendar: Calendar = 'standard'): number {
  const next = year * 12 + month;
  const following = { year: Math.floor(next / 12), month: modulo(next, 12) + 1, day: 1 };
  return dayOf(following, calendar) - dayOf({ year, month, day: 1 }, calendar);
}

/** `2001-01-31`. */
export function isoDay(time: number, calendar?: Calendar): string {
  const { year, month, day } = dateOf(time, calendar);
  const two = (value: number) => `${value}`.padStart(2, '0');
  const years = `${Math.abs(year)}`.padStart(4, '0');
  return `${year < 0 ? '-' : ''}${years}-${two(month)}-${two(day)}`;
}

/** `2001-01-31T18:00Z`, for messages. */
export function isoTime(time: number, calendar?: Calendar): string {
  const ofDay = time - Math.floor(time / DAY_MS) * DAY_MS;
  return `${isoDay(time, calendar)}${new Date(ofDay).toISOString().slice(10, 16)}Z`;
}

/**
 * Milliseconds since 1970 of the calendar, from a date such as `2001-01-31` or `2001-01-31T18:00`, which is UTC unless it
 * names a zone; no number where the calendar has no such date.
 */
export function parseDay(text: string, calendar: Calendar = 'standard'): number {
  const match =
    /^(\d{4,6})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(?:Z|([+-])(\d{2}):?(\d{2}))?)?$/.exec(
      text.trim(),
    );
  if (!match) return Number.NaN;
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', sign, zoneHours, zoneMinutes] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > monthDays(date, calendar)) {
    return Number.NaN;
  }
  const zone = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * (sign === '-' ? -1 : 1);
  const ofDay = (Number(hours) * 60 + Number(minutes) - zone) * 60_000 + Number(seconds) * 1000;
  return dayOf(date, calendar) * DAY_MS + ofDay;
}

const modulo = (value: number, base: number) => ((value % base) + base) % base;

/** Days since 1970-01-01 of a date of the Gregorian calendar, extended to any year. */
function gregorianDay({ year, month, day }: CalendarDate): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS;
}

/**
 * Days since Gregorian 1970-01-01 of a date of the Julian calendar. Years are counted from March, so that the leap day ends the
 * year; Gregorian 1970-01-01 is Julian day number 2440588.
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

/** The inverse of `julianDay`. */
function julianDate(days: number): CalendarDate {
  // Days since 1 March of the year -4800, in leap cycles of four years.
  const since = days + 2_440_588 + 32082;
  const marchYear = Math.floor((4 * since + 3) / 1461);
  const ofYear = since - Math.floor((1461 * marchYear) / 4);
  const sinceMarch = Math.floor((5 * ofYear + 2) / 153);
  return {
    year: marchYear - 4800 + Math.floor(sinceMarch / 10),
    month: sinceMarch < 10 ? sinceMarch + 3 : sinceMarch - 9,
    day: ofYear - Math.floor((153 * sinceMarch + 2) / 5) + 1,
  };
}
