/** The line above the lanes: which step, compared with which, replay, zoom, search, and the step as a file. */
import { html, nothing, type TemplateResult } from 'lit';
import { chromeTrace } from '../../show/chrome-trace.ts';
import { spansCsv } from '../../show/span-rows.ts';
import { isWhole } from '../../show/tried-step.ts';
import type { StepReading } from './reading.ts';
import { save } from './save.ts';
import { cardWords, ms, natureWords, words } from './words.ts';

export interface TimelineHead {
  readonly reading: StepReading;
  readonly isOldest: boolean;
  /** It stays, whatever is sampled after it. */
  readonly isHeld: boolean;
  readonly isPinned: boolean;
  readonly replay: { readonly isPlaying: boolean; readonly slowdown: number | undefined };
  readonly query: string;
  /** Spans that the search has found; undefined where nothing is looked for. */
  readonly found: number | undefined;
  /** On a narrow screen: the rank whose lane is drawn. */
  readonly only?: number;
  showOnly(rank: number): void;
  step(by: number): void;
  pin(): void;
  play(): void;
  zoom(factor: number): void;
  showWhole(): void;
  search(query: string): void;
  goToFound(by: number): void;
}

export function timelineHead(head: TimelineHead): TemplateResult {
  const { reading, isHeld, isPinned, replay, found } = head;
  const { lanes } = reading;
  return html`
    <div class="timeline-head">
      <div class="timeline-tools" role="group" aria-label=${words.steps}>
        <button type="button" @click=${() => head.step(-1)} ?disabled=${head.isOldest} aria-label=${words.before}>◀</button>
        <strong>step ${lanes.step}</strong>
        <button type="button" @click=${() => head.step(1)} ?disabled=${!isHeld} aria-label=${words.after}>▶</button>
        <span class="muted">${isHeld ? words.held : words.newest}</span>
      </div>
      <span>${ms(lanes.wallMs)}, ${cardWords(lanes)}${isWhole(lanes) ? nothing : `; ${natureWords.tried}`}</span>
      <button type="button" aria-pressed=${isPinned} @click=${head.pin}>${isPinned ? words.unpin : words.pin}</button>
      <button type="button" aria-pressed=${replay.isPlaying} @click=${head.play}>${words.replay(replay)}</button>
      <div class="timeline-tools" role="group" aria-label=${words.zoom}>
        <button type="button" @click=${() => head.zoom(1 / 2)} aria-label=${words.closer}>+</button>
        <button type="button" @click=${() => head.zoom(2)} aria-label=${words.further}>−</button>
        <button type="button" @click=${head.showWhole}>${words.whole}</button>
      </div>
      <label class="timeline-search">
        ${words.search}
        <input
          type="search"
          .value=${head.query}
          @input=${({ target }: Event) => target instanceof HTMLInputElement && head.search(target.value)}
          @keydown=${({ key, shiftKey }: KeyboardEvent) => key === 'Enter' && head.goToFound(shiftKey ? -1 : 1)}
        />
      </label>
      <output class="muted">${found === undefined ? nothing : words.found(found)}</output>
      ${head.only === undefined ? nothing : rankChoice(head, head.only)}
      <div class="timeline-tools" role="group" aria-label=${words.files}>
        <button type="button" @click=${() => saveChrome(reading)}>Chrome trace</button>
        <button type="button" @click=${() => saveCsv(reading)}>CSV</button>
      </div>
    </div>
  `;
}

const rankChoice = ({ reading, showOnly }: TimelineHead, only: number) => html`
  <label class="timeline-search">
    ${words.lane}
    <select @change=${({ target }: Event) => target instanceof HTMLSelectElement && showOnly(Number(target.value))}>
      ${reading.lanes.ranks.map(
        ({ rank }) => html`<option value=${rank} .selected=${rank === only}>rank ${rank}</option>`,
      )}
    </select>
  </label>
`;

function saveChrome({ traces, lanes }: StepReading): void {
  const text = JSON.stringify(chromeTrace(traces, lanes.stepsOf));
  save(text, 'application/json', `isobar-step-${lanes.step}.json`);
}

function saveCsv({ lanes }: StepReading): void {
  save(spansCsv(lanes), 'text/csv', `isobar-step-${lanes.step}.csv`);
}
