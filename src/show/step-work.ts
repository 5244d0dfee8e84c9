/** The work of a training step, as its plans have it. */
import type { StepWork } from '../energy/elsewhere.ts';
import type { Plan } from '../plan/plan.ts';
import { workOf } from '../plan/work.ts';

/**
 * @param plans of a rank, as `SessionApi.plan` gives them: that of the last pass and, where there are several, of those
 *   before
 * @param passes of a step
 */
export function stepWork(plans: readonly Pick<Plan, 'steps'>[], passes: number): StepWork {
  const [last, earlier = last] = plans.map(plan => workOf(plan));
  const more = passes - 1;
  return {
    flops: last.flops + more * earlier.flops,
    dispatches: last.dispatches + more * earlier.dispatches,
    bytes: last.read + last.written + more * (earlier.read + earlier.written),
  };
}
