/**
 * Sampled steps in the browser's own performance panel: every span is a measure on a track of its rank and lane, which
 * the panel shows below the page's own work.
 * https://developer.chrome.com/docs/devtools/performance/extension
 */

import type { HashedPlan, PlanStep, RunEvent } from '../session/api/api.ts';
import { spanFacts } from '../show/spans.ts';

const colours = { device: 'primary', link: 'tertiary', data: 'secondary' } as const;

/** @param planOf asked once for every rank of a run */
export function performanceTrack(planOf: (rank: number) => Promise<readonly HashedPlan[]>) {
  const known = new Map<string, readonly PlanStep[]>();
  const asked = new Set<string>();
  const learn = async (rank: number, hash: string) => {
    if (known.has(hash) || asked.has(`${rank} ${hash}`)) return;
    asked.add(`${rank} ${hash}`);
    for (const plan of await planOf(rank)) known.set(plan.hash, plan.steps);
  };
  return {
    async add({ origin, traces }: Extract<RunEvent, { type: 'trace' }>): Promise<void> {
      for (const { rank, plan, step, spans } of traces) {
        await learn(rank, plan);
        for (const span of spans) {
          const { name, facts } = spanFacts(span, known.get(plan));
          const start = origin + span.begun - performance.timeOrigin;
          const measure = `Isobar: ${name}`;
          performance.measure(measure, {
            start,
            end: start + span.ended - span.begun,
            detail: {
              devtools: {
                dataType: 'track-entry',
                trackGroup: 'Isobar',
                track: `rank ${rank} ${span.lane}${span.peer === undefined ? '' : ` to rank ${span.peer}`}`,
                color: span.exposed ? 'error' : colours[span.lane],
                tooltipText: name,
                properties: [
                  ['step', `${step}`],
                  ...Object.entries(facts).map(([key, value]) => [key, `${value}`]),
                ],
              },
            },
          });
          // The panel has it; the page would keep it for ever.
          performance.clearMeasures(measure);
        }
      }
    },
  };
}
