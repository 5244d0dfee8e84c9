/**
 * Sampled steps in the browser's own performance panel: every span is a measure on a track of its rank and lane, which
 * the panel shows below the page's own work.
 * https://developer.chrome.com/docs/devtools/performance/extension
 */

import type { RunEvent } from '../session/api/api.ts';
import { spanFacts } from '../show/spans.ts';
import type { PlanBook } from './plan-book.ts';

const colours = { device: 'primary', link: 'tertiary', data: 'secondary' } as const;

export function performanceTrack({ learn, plans }: PlanBook) {
  return {
    async add({ origin, traces }: Extract<RunEvent, { type: 'trace' }>): Promise<void> {
      await learn(traces);
      for (const { rank, plan, step, spans } of traces) {
        for (const span of spans) {
          const { name, facts } = spanFacts(span, plans().get(plan));
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
