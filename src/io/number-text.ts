/**
 * Counts and sizes as people read them, for every text that is shown or thrown. The spaces do not break: a number stays
 * in one line, and with its unit.
 */

/** Between a number and its unit (U+00A0). */
export const unitSpace = '\u00a0';
/** Between the thousands of a number, narrower (U+202F). */
export const thousandsSpace = '\u202f';

/** A number that `toLocaleString('en-GB')` wrote, with spaces in place of its commas. */
export const withSpaces = (text: string): string => text.replaceAll(',', thousandsSpace);

/** A count with narrow spaces between the thousands: `1 234 567`. */
export const count = (value: number): string => withSpaces(Math.round(value).toLocaleString('en-GB'));

/** Bytes in binary units: `3.2 GiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = value;
  let index = 0;
  while (scaled >= 1024 && index < units.length - 1) {
    scaled /= 1024;
    index++;
  }
  return `${scaled >= 100 || index === 0 ? Math.round(scaled) : scaled.toFixed(1)}${unitSpace}${units[index]}`;
}

/** `a, b and c`. */
export const list = (words: readonly string[]) => new Intl.ListFormat('en-GB').format(words);

/** Hours that stand for a month wherever a length is given in hours: those of a month on average. */
export const MONTH_HOURS = 730.485;

/** A lead time in hours as `6 h` or, for whole days, `3 d`; for whole months, `2 months`. */
export function leadTime(hours: number): string {
  const months = Math.round(hours / MONTH_HOURS);
  if (months > 0 && Math.abs(hours - months * MONTH_HOURS) < 1e-6) {
    return [months, months === 1 ? 'month' : 'months'].join(unitSpace);
  }
  return (hours % 24 === 0 ? [hours / 24, 'd'] : [Number(hours.toFixed(2)), 'h']).join(unitSpace);
}
