/** What a step takes of energy, by a model of power that is handed in: the simulator knows when, not how much. */
import type { Plan } from '../plan/plan.ts';
import type { StepTrace } from '../plan/trace.ts';
import type { RankGroup } from './ranks.ts';

/** Joules. */
export interface EnergyBand {
  readonly low: number;
  readonly central: number;
  readonly high: number;
}

/** Joules of one rank in a step: its spans say when it computed, waited and loaded, its plan what. */
export type EnergyModel = (trace: StepTrace, plan: Plan) => EnergyBand;

/** Of all ranks. @param traces by group */
export function energyOf(
  groups: readonly RankGroup[],
  traces: readonly StepTrace[],
  model: EnergyModel,
): EnergyBand {
  return groups.reduce(
    (sum, { ranks, plan }, group) => {
      const each = model(traces[group], plan);
      return {
        low: sum.low + ranks.length * each.low,
        central: sum.central + ranks.length * each.central,
        high: sum.high + ranks.length * each.high,
      };
    },
    { low: 0, central: 0, high: 0 },
  );
}
