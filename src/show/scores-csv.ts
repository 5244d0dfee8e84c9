/**
 * `scores.csv`: one row a score, of the validation part while a run trained and of the test part, with what it is held
 * against in columns behind. Numbers have all their digits; text is quoted where it has to be (RFC 4180).
 */
import type { Score, ScoredPart } from '../session/api/api.ts';

/** The scores of a part after so many steps. */
export interface ScoredStep {
  readonly step: number;
  readonly part: ScoredPart;
  readonly scores: readonly Score[];
}

const columns = ['part', 'step', 'metric', 'of', 'at', 'atUnits', 'value', 'units', 'better'];

export function scoresCsv(scored: readonly ScoredStep[]): string {
  const all = scored.flatMap(({ scores }) => scores);
  const baselines = [...new Set(all.flatMap(score => score.baselines.map(({ name }) => name)))];
  const rows = scored.flatMap(({ part, step, scores }) =>
    scores.map(({ metric, of, at, value, units, better, baselines: own }) => [
      ...[part, step, metric, of?.name, at?.value, at?.units, value, units, better],
      ...baselines.map(baseline => own.find(({ name }) => name === baseline)?.value),
    ]),
  );
  return [[...columns, ...baselines], ...rows].map(row => `${row.map(cell).join(',')}\n`).join('');
}

/** `NaN`, `Inf` and `-Inf` are what pandas, NumPy and R read as such. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value).replace('Infinity', 'Inf');
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
