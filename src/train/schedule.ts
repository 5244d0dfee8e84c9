/** Learning rates by step. */

export type ScheduleOptions =
  /** Linear warm-up from 0, then half a cosine from `peak` to `floor` at the last step. */
  | { readonly kind: 'cosine'; readonly peak: number; readonly floor: number; readonly warmup: number }
  /** Linear warm-up, then `peak` times `factor` for every `patience` evaluations without improvement. */
  | {
      readonly kind: 'plateau';
      readonly peak: number;
      readonly warmup: number;
      readonly factor: number;
      readonly patience: number;
    }
  /** Linear warm-up, then `peak` times `factor` for every milestone that is past. */
  | {
      readonly kind: 'milestones';
      readonly peak: number;
      readonly warmup: number;
      readonly factor: number;
      /** As shares of all steps, 0 to 1. */
      readonly at: readonly number[];
    }
  | { readonly kind: 'constant'; readonly peak: number; readonly warmup: number };

/** What a plateau schedule remembers of the evaluations so far; part of a checkpoint. */
export interface PlateauState {
  readonly best: number;
  /** Evaluations since the best one. */
  readonly waited: number;
  readonly reductions: number;
}

export const freshPlateau: PlateauState = { best: Number.POSITIVE_INFINITY, waited: 0, reductions: 0 };

/** The state after an evaluation with this score (lower is better). */
export function afterEvaluation(state: PlateauState, score: number, patience: number): PlateauState {
  if (score < state.best) return { ...state, best: score, waited: 0 };
  if (state.waited + 1 < patience) return { ...state, waited: state.waited + 1 };
  return { ...state, waited: 0, reductions: state.reductions + 1 };
}

/** Learning rate of `step` (from 1) of `steps`. */
export function learningRateAt(
  options: ScheduleOptions,
  step: number,
  steps: number,
  plateau: PlateauState = freshPlateau,
): number {
  const { peak, warmup } = options;
  if (step <= warmup) return (peak * step) / warmup;
  if (options.kind === 'constant') return peak;
  if (options.kind === 'plateau') return peak * options.factor ** plateau.reductions;
  if (options.kind === 'milestones') {
    return peak * options.factor ** options.at.filter(share => step > share * steps).length;
  }
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return options.floor + 0.5 * (peak - options.floor) * (1 + Math.cos(Math.PI * progress));
}
