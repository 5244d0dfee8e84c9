/** Steps that were tried: run up to their update, and thrown away. Their traces say so themselves. */
import type { StepLanes } from './lanes.ts';

/** Whether a step was run to its end. What is not known of a plan is taken to have been run. */
export function isWhole({ ranks, stepsOf }: Pick<StepLanes, 'ranks' | 'stepsOf'>): boolean {
  return ranks.every(({ spans }) => {
    const updates = new Map<string, number>();
    for (const { plan } of spans) {
      const update = stepsOf(plan)?.findIndex(({ provenance }) => provenance.phase === 'update') ?? -1;
      if (update >= 0) updates.set(plan, update);
    }
    // The last pass has the update.
    return (
      updates.size === 0 ||
      spans.some(
        ({ lane, plan, to }) => lane === 'device' && to > (updates.get(plan) ?? Number.POSITIVE_INFINITY),
      )
    );
  });
}
