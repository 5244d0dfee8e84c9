/**
 * What a guest may ask its host for, where the host lets it: how the run's next step is computed, and values that it has. The
 * answer is a tale of its own, which bears the number of the question.
 */

/** Of a rank's plan: rank, step, operand, first float, rows, columns. See `plan/look.ts`. */
export type AskedLook = readonly [number, number, number, number, number, number];

export type Question =
  /** The plan of the step's first pass. */
  | { readonly of: 'plan'; readonly rank: number }
  /** @param run as the answers with its plans have it */
  | { readonly of: 'values'; readonly run: number; readonly looks: readonly AskedLook[] };

export interface Asked {
  /** Counts the questions of a guest. */
  readonly id: number;
  readonly question: Question;
}

/** Of one question: as many as fit into a message of a room. */
export const mostLooks = 900;
