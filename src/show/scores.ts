/** Scores of any task in words: values with their units, how far off they are, and what they are held against. */
import type { Score } from '../session/api/api.ts';
import { fieldNumber, leadTime, prettyUnits, unitSpace, withMinus } from './format.ts';

/** To four digits with its units, percentages with one decimal: `412.3 m² s⁻²`, `91.4 %`. */
export function scoreText({ value, units }: Pick<Score, 'value' | 'units'>): string {
  if (!Number.isFinite(value)) return fieldNumber(value);
  if (units === '%') return `${toTenths(value)}${unitSpace}%`;
  return [fieldNumber(value, 4), prettyUnits(units)].filter(Boolean).join(unitSpace);
}

/** How far off a score is: a lead time as `6 h` or `3 d`. Empty where there is no such thing. */
export function atText(at: Score['at']): string {
  if (!at) return '';
  return at.units === 'h' ? leadTime(at.value) : `${at.value}${unitSpace}${prettyUnits(at.units)}`.trim();
}

/**
 * By how much of its first baseline an error lies above it, in percent: -50 where it is half of it. Undefined where there
 * is nothing to be compared with, or more of the score is better: that is no error.
 */
export function againstBaseline({ value, better, baselines }: Omit<Score, 'label'>): number | undefined {
  const [first] = baselines;
  if (first === undefined || better === 'higher' || !(first.value > 0)) return undefined;
  return 100 * (value / first.value - 1);
}

/** With its sign: `−50.0 %`, `+3.2 %`. */
export function signedPercent(value: number): string {
  const text = toTenths(value);
  const sign = value > 0 && text !== '0.0' ? '+' : '';
  return `${sign}${text}${unitSpace}%`;
}

const toTenths = (value: number) => withMinus(value.toFixed(1).replace(/^-0\.0$/, '0.0'));
