import { describe, expect, it } from 'vitest';
import { type DecodedTimes, decodeTimes } from '../../../src/data/cf/time.ts';
import { isoTime } from '../../../src/io/calendar.ts';
import { failureOf } from './fixtures.ts';

const decode = (value: number, units: string, calendar = '') =>
  isoOf(decodeTimes([value], units, calendar, 'a.nc'));
const isoOf = ({ times, calendar }: DecodedTimes) => isoTime(times[0], calendar);

describe('decodeTimes', () => {
  it.each([
    [6, 'hours since 1996 01 05 00:00', '', '1996-01-05T06:00Z'],
    [90, 'minutes since 2000-02-28T23:00Z', 'gregorian', '2000-02-29T00:30Z'],
    [1.5, 'Days since 15-JAN-1901 00:00:00', 'standard', '1901-01-16T12:00Z'],
    [30, 'seconds since 1970-1-1 6:00 -6:00', 'proleptic_gregorian', '1970-01-01T12:00Z'],
    [1e6, 'hour since 1800-01-01', 'none', '1914-01-30T16:00Z'],
    // NOAA's old files count from year 1 in the mixed calendar: two days before the proleptic one.
    [17_067_072, 'hours since 1-1-1 00:00:0.0', 'standard', '1948-01-01T00:00Z'],
    [17_067_072, 'hours since 1-1-1 00:00:0.0', 'proleptic_gregorian', '1948-01-03T00:00Z'],
    // 4 years of 365 days from 2000, of which 2000 has 366 in the real calendar.
    [1460, 'days since 2000-01-01', 'noleap', '2004-01-01T00:00Z'],
    [1, '  hours   since   2000-01-01  ', '', '2000-01-01T01:00Z'],
    [59.25, 'days since 2000-01-01', '365_day', '2000-03-01T06:00Z'],
    // Fifteen leap days of the Gregorian calendar later, the calendar without them is at the same date.
    [21_900, 'days since 1961-01-01', 'noleap', '2021-01-01T00:00Z'],
    [59, 'days since 1961-02-01', '360_day', '1961-03-30T00:00Z'],
    [29, 'days since 1961-02-01', '360_day', '1961-02-30T00:00Z'],
    [720, 'hours since 1961-12-30 12:00', '360_day', '1962-01-30T12:00Z'],
    [59, 'days since 2001-01-01', 'all_leap', '2001-02-29T00:00Z'],
    [366, 'days since 2001-01-01', '366_day', '2002-01-01T00:00Z'],
    // A leap year of the Julian calendar alone.
    [59, 'days since 1900-01-01', 'julian', '1900-02-29T00:00Z'],
    [59, 'days since 1900-01-01', 'standard', '1900-03-01T00:00Z'],
    // The day after 4 October 1582.
    [1, 'days since 1582-10-04', 'standard', '1582-10-15T00:00Z'],
    [1, 'days since 1582-10-04', 'proleptic_gregorian', '1582-10-05T00:00Z'],
    [1, 'days since 1582-10-03', 'standard', '1582-10-04T00:00Z'],
    [18_262 * 86_400 * 1e9, 'nanoseconds since 1970-01-01', 'proleptic_gregorian', '2020-01-01T00:00Z'],
    [86_400 * 1e6, 'microseconds since 1970-01-01', '', '1970-01-02T00:00Z'],
    [86_400 * 1e3, 'milliseconds since 1970-01-01', '', '1970-01-02T00:00Z'],
    [2, 'weeks since 1970-01-01', '', '1970-01-15T00:00Z'],
    [13, 'months since 2000-01-15', '', '2001-02-15T00:00Z'],
    [0.5, 'months since 2001-02-01', '', '2001-02-15T00:00Z'],
    [-1, 'months since 2000-03-31', 'noleap', '2000-02-28T00:00Z'],
    [2, 'years since 1999-07-01', '', '2001-07-01T00:00Z'],
  ])('reads %d %s (%s)', (value, units, calendar, date) => {
    expect(decode(value, units, calendar)).toBe(date);
  });

  it('keeps steps equal in the noleap calendar', () => {
    const { times } = decodeTimes([58, 59, 60], 'days since 2004-01-01', 'noleap', 'a.nc');
    expect(times[1] - times[0]).toBe(86_400_000);
    expect(times[2] - times[1]).toBe(86_400_000);
  });

  it('refuses what it does not know, and dates that the calendar lacks', () => {
    expect(failureOf(() => decode(1, 'fortnights since 2000-01-01'))).toMatch(
      /^DataError: a\.nc: .*"fortnights"/,
    );
    expect(failureOf(() => decode(1, 'days since 2000-01-01', 'maya'))).toMatch(
      /^DataError.*"maya".*360_day/,
    );
    expect(failureOf(() => decode(1, 'days since 2000-01-31', '360_day'))).toMatch(
      /^DataError.*"2000-01-31".*the calendar 360_day has no such day/,
    );
    expect(failureOf(() => decode(1, 'days'))).toMatch(
      /^DataError.*"days".*hours since DATE.*"days since 2001-01-01"/,
    );
    expect(failureOf(() => decode(1, 'days since spring'))).toMatch(/^DataError.*"spring"/);
    expect(failureOf(() => decode(1, 'days since 2000-13-01'))).toMatch(/^DataError.*"2000-13-01"/);
    // A name that every object has.
    expect(failureOf(() => decode(1, 'constructor since 2000-01-01'))).toMatch(/^DataError.*"constructor"/);
    const long = failureOf(() => decode(1, `days since ${'x'.repeat(10_000)}`));
    expect(long).toMatch(/^DataError: .*"x{100}\.\.\."/);
  });
});
