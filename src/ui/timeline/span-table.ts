/** The picture as text: a table of the spans in view, for who reads it instead of looking at it. */
import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { StepLanes } from '../../show/lanes.ts';
import type { LaneSpan } from '../../show/pieces.ts';
import { factsOf } from './facts.ts';
import type { Viewport } from './viewport.ts';
import { ms } from './words.ts';

/** More than these nobody reads. */
const mostRows = 60;

/** @param spans those that a search has found, or undefined for all */
export function spanTable(
  lanes: StepLanes,
  { from, to }: Viewport,
  spans: readonly LaneSpan[] | undefined,
): TemplateResult {
  const all = spans ?? lanes.ranks.flatMap(lane => lane.spans);
  const inView = all
    .filter(({ begun, ended }) => begun < to && ended > from)
    .sort((a, b) => a.begun - b.begun || a.rank - b.rank);
  const shown = inView.slice(0, mostRows);
  const more =
    inView.length > mostRows ? `The first ${mostRows} of ${inView.length}; zoom in for the others.` : '';
  return html`
    <div class="span-table" role="region" tabindex="0" aria-label="Spans in view">
      <table>
        <caption>
          ${`From ${ms(from)} to ${ms(to)}. ${more}`}
        </caption>
        <thead>
          <tr><th scope="col">Rank</th><th scope="col">Begins</th><th scope="col">Takes</th><th scope="col">What</th></tr>
        </thead>
        <tbody>
          ${repeat(
            shown,
            span => span,
            span => html`
              <tr>
                <th scope="row">${span.rank}</th>
                <td>${ms(span.begun)}</td>
                <td>${ms(span.ended - span.begun)}</td>
                <td>${factsOf(span, lanes).title}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
