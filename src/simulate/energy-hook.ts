/** What a step takes of energy, by a model of power that is handed in: the simulator knows when, not how much. */
import { type Band, noBand, plus, times } from '../energy/band.ts';
import type { Plan } from '../plan/plan.ts';
import type { StepTrace } from '../plan/trace.ts';
import type { RankGroup } from './ranks.ts';

/** Joules of one rank in a step: its spans say when it computed, waited and loaded, its plan what. */
export type EnergyModel = (trace: StepTrace, plan: Plan) => Band;

/** Of all ranks. @param traces by group */
export function energyOf(
  groups: readonly RankGroup[],
  traces: readonly StepTrace[],
  model: EnergyModel,
): Band {
  return groups.reduce(
    (sum, { ranks, plan }, group) => plus(sum, times(model(traces[group], plan), ranks.length)),
    noBand,
  );
}
