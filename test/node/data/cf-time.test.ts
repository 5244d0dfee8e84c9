import { describe, expect, it } from 'vitest';
import { decodeTimes } from '../../../src/data/cf/time.ts';
import { failureOf } from './fixtures.ts';

const decode = (value: number, units: string, calendar = '') =>
  new Date(decodeTimes([value], units, calendar, 'a.nc')[0]).toISOString();

describe('decodeTimes', () => {
  it.each([
    [6, 'hours since 1996 01 05 00:00', '', '1996-01-05T06:00:00.000Z'],
    [90, 'minutes since 2000-02-28T23:00:00Z', 'gregorian', '2000-02-29T00:30:00.000Z'],
    [1.5, 'Days since 15-JAN-1901 00:00:00', 'standard', '1901-01-16T12:00:00.000Z'],
    [30, 'seconds since 1970-1-1 6:00 -6:00', 'proleptic_gregorian', '1970-01-01T12:00:30.000Z'],
    [1e6, 'hour since 1800-01-01', 'none', '1914-01-30T16:00:00.000Z'],
    // NOAA's old files count from year 1 in the mixed calendar: two days before the proleptic one.
    [17_067_072, 'hours since 1-1-1 00:00:0.0', 'standard', '1948-01-01T00:00:00.000Z'],
    [17_067_072, 'hours since 1-1-1 00:00:0.0', 'proleptic_gregorian', '1948-01-03T00:00:00.000Z'],
    // 4 years of 365 days from 2000, of which 2000 has 366 in the real calendar.
    [1460, 'days since 2000-01-01', 'noleap', '2004-01-01T00:00:00.000Z'],
    [1, '  hours   since   2000-01-01  ', '', '2000-01-01T01:00:00.000Z'],
    [59.25, 'days since 2000-01-01', '365_day', '2000-03-01T06:00:00.000Z'],
  ])('reads %d %s (%s)', (value, units, calendar, date) => {
    expect(decode(value, units, calendar)).toBe(date);
  });

  it('keeps steps equal in the noleap calendar', () => {
    const times = decodeTimes([58, 59, 60], 'days since 2004-01-01', 'noleap', 'a.nc');
    expect(times[1] - times[0]).toBe(86_400_000);
    expect(times[2] - times[1]).toBe(86_400_000);
  });

  it('refuses what has no one length or place', () => {
    expect(failureOf(() => decode(1, 'months since 2000-01-01'))).toMatch(/^DataError: a\.nc: .*"months"/);
    expect(failureOf(() => decode(1, 'days since 2000-01-01', '360_day'))).toMatch(/^DataError.*"360_day"/);
    expect(failureOf(() => decode(1, 'days'))).toMatch(/^DataError.*"days".*hours since DATE/);
    expect(failureOf(() => decode(1, 'days since spring'))).toMatch(/^DataError.*"spring"/);
    expect(failureOf(() => decode(1, 'days since 2000-13-01'))).toMatch(/^DataError.*"2000-13-01"/);
    // A name that every object has.
    expect(failureOf(() => decode(1, 'constructor since 2000-01-01'))).toMatch(/^DataError.*"constructor"/);
    const long = failureOf(() => decode(1, `days since ${'x'.repeat(10_000)}`));
    expect(long).toMatch(/^DataError: .*"x{100}\.\.\."/);
  });
});
