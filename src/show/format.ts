/** Numbers, units, times and sizes in words for people. */
import { type Calendar, DAY_MS, dateOf } from '../io/calendar.ts';
import { unitSpace, withSpaces } from '../io/number-text.ts';

export { bytes, count, leadTime, list, MONTH_HOURS, unitSpace, withSpaces } from '../io/number-text.ts';

const superscripts: Record<string, string> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

const raised = (digits: string) => [...digits].map(d => superscripts[d] ?? d).join('');

/** A number as JavaScript writes it, with the sign that people write: `−0.5`, `1e−7`. */
export const withMinus = (text: string): string => text.replaceAll('-', '−');

/** A value as it is stored, in all digits that a float32 has: `−0.04172831`, `2.1e−5`. */
export const exactNumber = (value: number): string => withMinus(String(Number(value.toPrecision(7))));

/** A value of a field to `digits` significant digits: `5 412`, `0.0312`, `2.1 × 10⁻⁵`. */
export function fieldNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return 'no value';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
    const power = `10${raised(exponent.replace('+', ''))}`;
    return [withMinus(mantissa), '×', power].join(unitSpace);
  }
  const whole = size === 0 ? 1 : Math.floor(Math.log10(size)) + 1;
  const text = value.toLocaleString('en-GB', { maximumFractionDigits: Math.max(0, digits - whole) });
  return withSpaces(withMinus(text));
}

/** A count with a metric prefix: `1.23 M`, `63.97 T`. */
export function metric(value: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let scaled = value;
  let index = 0;
  while (scaled >= 1000 && index < prefixes.length - 1) {
    scaled /= 1000;
    index++;
  }
  return index === 0 ? `${scaled}` : `${Number(scaled.toPrecision(4))}${unitSpace}${prefixes[index]}`;
}

/** A time span in its two largest units, of which one that is none is left out: `3 min 20 s`, `1 h`. Seconds in. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const parts = [
    [hours, 'h'],
    [minutes, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0${unitSpace}s`;
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.flat().join(unitSpace);
}

/** A UDUNITS string with raised exponents: `m2 s-2` becomes `m² s⁻²`. Units of one are left out. */
export const prettyUnits = (units: string) =>
  units === '1' ? '' : units.replace(/([A-Za-z])\^?(-?\d+)/g, (_, unit, power) => unit + raised(power));

const utc = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** Milliseconds since 1970 of a calendar as `12 Jan 2014, 06:00 UTC`: a date of that calendar, which may be 30 Feb. */
export function dateTime(milliseconds: number, calendar?: Calendar): string {
  const { year, month, day } = dateOf(milliseconds, calendar);
  const shown = new Map(
    // A day that every calendar has gives the words, and the time of day.
    utc
      .formatToParts(
        Date.UTC(2000, month - 1, 1) + (milliseconds - Math.floor(milliseconds / DAY_MS) * DAY_MS),
      )
      .map(({ type, value }) => [type, value]),
  );
  return `${day} ${shown.get('month')} ${year}, ${shown.get('hour')}:${shown.get('minute')} UTC`;
}

/** Text with a full stop, if it has no end of its own. */
export const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
