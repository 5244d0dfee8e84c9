/** The card of a pupil on the wall. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { type Pupil, stateOf } from '../../crew/class/roll.ts';
import { sparkArea, sparkline } from './sparkline.ts';
import { curveWords, goneWords, lossLine, rateLine, stateWords, stepLine, words } from './words.ts';

export interface CardActs {
  readonly admit: (id: string) => void;
  readonly remove: (id: string) => void;
  readonly point: (id: string | undefined) => void;
}

export interface CardLook {
  /** ms since 1970. */
  readonly now: number;
  readonly isPointed: boolean;
  /** Of the curve, a custom property of the style sheet. */
  readonly colour: string;
}

/** `stuck for 20 s`. */
export function stateLine(pupil: Pupil, now: number): string {
  const state = stateOf(pupil, now);
  return stateWords(state, now - (state === 'gone' ? pupil.since : pupil.movedAt));
}

export function pupilCard(
  pupil: Pupil,
  { now, isPointed, colour }: CardLook,
  acts: CardActs,
): TemplateResult {
  const { id, name, gpu, report, curve, lane, reason } = pupil;
  const state = stateOf(pupil, now);
  const last = curve.at(-1);
  const path = sparkline(curve, report && report.steps > 0 ? report.step / report.steps : 1);
  const reading = curveWords(curve[0]?.loss ?? 0, last?.loss ?? 0, curve.length);
  return html`<li
    class="pupil ${isPointed ? 'is-lit' : ''}"
    data-testid="pupil"
    data-state=${state}
    data-name=${name}
    tabindex="0"
    @pointerenter=${() => acts.point(id)}
    @pointerleave=${() => acts.point(undefined)}
    @focus=${() => acts.point(id)}
    @blur=${() => acts.point(undefined)}
  >
    <p class="pupil-head"><b>${name}</b> <span class="muted">${gpu}</span></p>
    <svg class="spark" viewBox="0 0 ${sparkArea.width} ${sparkArea.height}" preserveAspectRatio="none" role="img" aria-label=${reading}>
      ${path ? svg`<path d=${path} fill="none" stroke="var(${colour})" vector-effect="non-scaling-stroke" />` : nothing}
    </svg>
    <p class="pupil-state" title=${state === 'gone' ? goneWords(reason) : nothing}>
      ${stateLine(pupil, now)}
      ${report && !report.guided ? html`<span class="muted">· on its own</span>` : nothing}
    </p>
    <p class="pupil-facts muted">
      ${last ? html`<span>${lossLine(last.loss)}</span>` : nothing}
      ${report && report.steps > 0 ? html`<span data-testid="pupil-step" data-step=${report.step}>${stepLine(report.step, report.steps)}</span>` : nothing}
      ${report?.rate && state === 'training' ? html`<span>${rateLine(report.rate)}</span>` : nothing}
      ${lane ? html`<span>${lane}</span>` : nothing}
    </p>
    ${
      state === 'asking'
        ? html`<button type="button" class="primary small" data-testid="admit-pupil" @click=${() => acts.admit(id)}>${words.admit}</button>`
        : html`<button type="button" class="pupil-remove" aria-label="${words.remove}: ${name}" title=${words.remove} @click=${() => acts.remove(id)}>×</button>`
    }
  </li>`;
}
