/**
 * Looking at a plan while it runs: which values are wanted of which step's operands, and what is given of them. A block
 * of up to 64 KiB is given as it is, a larger one as means over a grid.
 */
import type { Placement, Plan, PlanStep } from './plan.ts';

/** A block of an operand of a step, as rows and columns: floats `from` to `from + rows * columns` of it. */
export interface Look {
  readonly step: number;
  /** Which of `placesOf` the step. */
  readonly operand: number;
  readonly from: number;
  readonly rows: number;
  readonly columns: number;
}

/** Values of a block, row by row. Of fewer rows or columns than were asked for, each is a mean: see `poolsOf`. */
export interface Looked {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Floats of a block that is given as it is. */
const EXACT_FLOATS = 16 * 1024;
/** Rows, and columns, of one that is not. */
const MOST_POOLS = 64;
/** Floats that one rank copies for all that is asked of it at once. */
const MOST_FLOATS = 16 * 1024 * 1024;

/** What a step reads, writes or changes; of an exchange what goes out, or comes in and, at last, is kept of the own. */
export function placesOf(step: PlanStep): readonly (Placement | null)[] {
  if (step.kind === 'dispatch') return step.operands;
  if (step.kind === 'start') return step.sends.map(({ at }) => at);
  return [...step.receives.map(({ at }) => at), ...(step.keep ? [step.keep.to] : [])];
}

/** How many of a plan's steps come before the update: what can be run again without changing the model. */
export function stepsBeforeUpdate({ steps }: Plan): number {
  const update = steps.findIndex(({ provenance }) => provenance.phase === 'update');
  return update < 0 ? steps.length : update;
}

/** Why a plan cannot be looked at so; undefined where it can. */
export function lookFault(plan: Plan, looks: readonly Look[]): string | undefined {
  const steps = stepsBeforeUpdate(plan);
  for (const { step, operand, from, rows, columns } of looks) {
    if (![step, operand, from].every(Number.isSafeInteger) || step < 0 || step >= steps) {
      return `step ${step} cannot be looked at: the plan has the steps 0 to ${steps - 1} before its update`;
    }
    const places = placesOf(plan.steps[step]);
    const place = places[operand];
    if (!place) return `step ${step} has ${places.length} operands, and none in place ${operand}`;
    const end = from + rows * columns;
    const whole = [rows, columns].every(size => Number.isSafeInteger(size) && size > 0);
    if (!whole || from < 0 || end > place.bytes / 4) {
      return `operand ${operand} of step ${step} has ${place.bytes / 4} values, and no ${rows} x ${columns} from ${from} on`;
    }
  }
  const floats = looks.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return floats > MOST_FLOATS
    ? `${floats} values are looked at together; at most ${MOST_FLOATS} are: look at fewer operands at once`
    : undefined;
}

/** How many rows and columns are given of a block. */
export function poolsOf({ rows, columns }: Pick<Look, 'rows' | 'columns'>): Pick<Look, 'rows' | 'columns'> {
  if (rows * columns <= EXACT_FLOATS) return { rows, columns };
  return { rows: Math.min(rows, MOST_POOLS), columns: Math.min(columns, MOST_POOLS) };
}

/** First row (or column) of pool `index` of `pools` over `length` of them. */
export const poolStart = (index: number, pools: number, length: number): number =>
  Math.floor((index * length) / pools);

/** What is given of a block: itself, or the means of its pools. @param values of the block, row by row */
export function lookedAt({ rows, columns }: Look, values: Float32Array<ArrayBuffer>): Looked {
  const pools = poolsOf({ rows, columns });
  if (pools.rows === rows && pools.columns === columns) return { rows, columns, values };
  const means = new Float32Array(pools.rows * pools.columns);
  for (let row = 0; row < pools.rows; row++) {
    const top = poolStart(row, pools.rows, rows);
    const bottom = poolStart(row + 1, pools.rows, rows);
    for (let column = 0; column < pools.columns; column++) {
      const left = poolStart(column, pools.columns, columns);
      const right = poolStart(column + 1, pools.columns, columns);
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += values[y * columns + x];
      }
      means[row * pools.columns + column] = sum / ((bottom - top) * (right - left));
    }
  }
  return { ...pools, values: means };
}
