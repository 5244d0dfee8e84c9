import { expect, it } from 'vitest';
import { addMonths, calendars, DAY_MS, dateOf, dayOf, isoDay, parseDay } from '../../../src/io/calendar.ts';
import { dateTime } from '../../../src/show/format.ts';

it.each(calendars)('in %s every day has its own date, and dates lead back to it', calendar => {
  let before = '';
  for (let day = -800_000; day < 300_000; day += 97) {
    for (const next of [day, day + 1]) {
      const date = dateOf(next * DAY_MS, calendar);
      expect(dayOf(date, calendar)).toBe(next);
      const text = isoDay(next * DAY_MS, calendar);
      expect(text).not.toBe(before);
      before = text;
    }
  }
  expect(isoDay(0, calendar)).toBe('1970-01-01');
});

it('only dates that the calendar has are read', () => {
  expect(parseDay('2001-02-30', '360_day')).toBe((31 * 360 + 59) * DAY_MS);
  expect(parseDay('2001-02-30')).toBeNaN();
  expect(parseDay('2001-02-29', 'all_leap')).not.toBeNaN();
  expect(parseDay('2000-02-29', 'noleap')).toBeNaN();
  expect(parseDay('2001-01-31T06:00', 'noleap') - parseDay('2001-01-31', 'noleap')).toBe(6 * 3_600_000);
  expect(parseDay('2001-01-01T00:00+01:00')).toBe(Date.UTC(2000, 11, 31, 23));
  for (const text of ['', 'spring', '2001-1-1', '2001-13-01', '2001-00-10']) expect(parseDay(text)).toBeNaN();
});

it('months are added by the calendar', () => {
  const day = (text: string, calendar: (typeof calendars)[number], months: number) =>
    isoDay(addMonths(parseDay(text, calendar), months, calendar), calendar);
  expect(day('2001-12-31', 'standard', 2)).toBe('2002-02-28');
  expect(day('2001-12-30', '360_day', 2)).toBe('2002-02-30');
  expect(day('2001-01-15', 'noleap', -13)).toBe('1999-12-15');
});

it('dates are shown as the calendar has them', () => {
  expect(dateTime(parseDay('1961-02-30T18:00', '360_day'), '360_day')).toBe('30 Feb 1961, 18:00 UTC');
  expect(dateTime(Date.UTC(2014, 0, 12, 6))).toBe('12 Jan 2014, 06:00 UTC');
});
