/** What stands under the lanes: the legend, the strips in words, and what the span is that one is at. */
import { html, nothing, type TemplateResult } from 'lit';
import type { PathStrip } from '../../show/path-strip.ts';
import { pieceKinds } from '../../show/pieces.ts';
import type { Facts } from './facts.ts';
import type { StepReading } from './reading.ts';
import { kindWords, stripWords, words } from './words.ts';

export interface TimelineFoot {
  readonly strip: PathStrip;
  readonly pinned: StepReading | undefined;
  readonly predicted: StepReading | undefined;
  /** Whether it is known which ranks share a card. */
  readonly isCertain: boolean;
  readonly facts: Facts | undefined;
  /** Of what was chosen by a click: opens it in step mode. */
  readonly open?: () => void;
}

export function timelineFoot(foot: TimelineFoot): TemplateResult {
  const { strip, pinned, predicted, isCertain, facts, open } = foot;
  return html`
    <p class="timeline-legend">
      ${pieceKinds.map(kind => html`<span><i class="time ${kind}"></i> ${kindWords[kind]}</span> `)}
      <span><i class="time hidden"></i> ${words.hidden}</span>
    </p>
    <p>
      ${stripWords(strip)}
      ${pinned ? html`<br />${words.pinned(pinned.lanes.step)} ${stripWords(pinned.strip)}` : nothing}
      ${predicted ? html`<br />${words.predicted(predicted.strip, strip)}` : nothing}
      ${isCertain ? nothing : html`<br /><span class="muted">${words.uncertain}</span>`}
    </p>
    <div class="timeline-facts" aria-live="polite">
      ${facts ? factsTemplate(facts) : html`<p class="muted">${words.hint}</p>`}
      ${facts && open ? html`<button type="button" @click=${open}>${words.open}</button>` : nothing}
    </div>
  `;
}

const factsTemplate = ({ title, lines }: Facts) =>
  html`<p><strong>${title}</strong></p>${lines.map(line => html`<p>${line}</p>`)}`;
