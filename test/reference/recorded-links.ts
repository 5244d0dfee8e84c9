/** Simulated traces with their links as a run records them. */
import { linkSpans, travelsOf } from '../../src/engine/link-spans.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { StepTrace } from '../../src/plan/trace.ts';

/**
 * The simulator tells of every message; a run knows when a rank's own blocks were sent, and when all that it waits for was
 * there.
 *
 * @param plans by rank
 */
export function asRecorded(plans: readonly Plan[], traces: readonly StepTrace[]): StepTrace[] {
  const sentAt = plans.map(({ exchanges }) => new Float64Array(exchanges).fill(Number.POSITIVE_INFINITY));
  const arrivedAt = plans.map(({ exchanges }) => new Float64Array(exchanges));
  for (const { rank, spans } of traces) {
    for (const { peer, from, begun, ended } of spans) {
      const step = plans[rank].steps[from];
      if (peer === undefined || step.kind === 'dispatch') continue;
      const { exchange } = step;
      sentAt[peer][exchange] = Math.min(sentAt[peer][exchange], begun);
      arrivedAt[rank][exchange] = Math.max(arrivedAt[rank][exchange], ended);
    }
  }
  return traces.map(trace => {
    const { rank, spans } = trace;
    const device = spans.filter(({ lane }) => lane === 'device');
    const times = { sentAt: sentAt[rank], arrivedAt: arrivedAt[rank] };
    const links = linkSpans(travelsOf(plans[rank].steps), device, times);
    return { ...trace, spans: [...spans.filter(({ lane }) => lane !== 'link'), ...links] };
  });
}
