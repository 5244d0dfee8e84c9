/** The published timings beside the simulator's, for the terminal: see docs/simulator.md. */
import { publishedSizes } from '../../models/published-sizes.ts';
import { type Compared, comparePublished, errorOf } from '../../simulate/published/comparison.ts';
import type { PublishedModel } from '../../simulate/published/step.ts';

export { type Compared, type ComparedTable, comparedTables } from '../../simulate/published/comparison.ts';

export interface ComparedRow extends Compared {
  /** Predicted over published, less 1. */
  readonly error: number;
}

/** A published size by its name in the tables. */
export function publishedModel(size: string): PublishedModel {
  const found = Object.entries(publishedSizes).find(([name]) => name === size);
  if (!found) throw new RangeError(`There is no published size ${size}.`);
  return found[1];
}

export const publishedComparison = (): ComparedRow[] =>
  comparePublished(publishedModel).map(row => ({ ...row, error: errorOf(row) }));

/** Median and worst of the absolute errors. */
export function errorsOf(rows: readonly ComparedRow[]): { readonly median: number; readonly worst: number } {
  const errors = rows.map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
  return { median: errors[errors.length >> 1], worst: errors[errors.length - 1] };
}
