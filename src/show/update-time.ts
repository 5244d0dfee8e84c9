/** What of a step's time the update of the parameters takes, from sampled steps. */
import type { PlanStep } from '../plan/plan.ts';
import type { StepTrace } from '../plan/trace.ts';

/**
 * Milliseconds a step of a rank that its device spends on the update of the parameters, mean over sampled steps; undefined where
 * none was sampled, or no span is of the update alone.
 *
 * @param stepsOf the steps of a plan, by its hash
 */
export function updateMs(
  traces: readonly StepTrace[],
  stepsOf: (plan: string) => readonly Pick<PlanStep, 'provenance'>[] | undefined,
): number | undefined {
  const steps = new Set(traces.map(({ rank, step }) => `${rank} ${step}`));
  const updates = traces.flatMap(({ plan, spans }) =>
    spans.filter(({ lane, from, to }) => {
      const within = stepsOf(plan)?.slice(from, to) ?? [];
      const isUpdate = within.every(({ provenance }) => provenance.phase === 'update');
      return lane === 'device' && within.length > 0 && isUpdate;
    }),
  );
  if (updates.length === 0) return undefined;
  return updates.reduce((sum, { begun, ended }) => sum + ended - begun, 0) / steps.size;
}
