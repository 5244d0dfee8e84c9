/** The plans that traces count the steps of, by their hashes: each is asked for once in a run. */
import type { HashedPlan, PlanStep, StepTrace } from '../session/api/api.ts';

export interface PlanBook {
  /** By hash; another map whenever there are more. */
  plans(): ReadonlyMap<string, readonly PlanStep[]>;
  /** Resolves once all that these traces count is known, as far as the session knows it. */
  learn(traces: readonly StepTrace[]): Promise<void>;
}

/** @param planOf asked once for every rank and hash of a run */
export function createPlanBook(planOf: (rank: number) => Promise<readonly HashedPlan[]>): PlanBook {
  let known: ReadonlyMap<string, readonly PlanStep[]> = new Map();
  const asked = new Set<string>();
  return {
    plans: () => known,
    async learn(traces) {
      for (const { rank, plan } of traces) {
        if (known.has(plan) || asked.has(`${rank} ${plan}`)) continue;
        asked.add(`${rank} ${plan}`);
        const more = (await planOf(rank)).map(({ hash, steps }) => [hash, steps] as const);
        known = new Map([...known, ...more]);
      }
    },
  };
}
