/**
 * The foot of the first view: the last sampled step on a strip for every card, and the strip of where its time went.
 *
 * Properties: `sampled` (of the page's state), `plans` by hash, `cards` of the ranks (see `crew/cards`), `cursor`. What is
 * pointed at moves the cursor; "slow it down" moves it by itself. A link leads to `#/timeline`.
 */
import { html } from 'lit';
import type { RankCard } from '../../crew/cards.ts';
import { type Cursor, CursorController } from '../cursor.ts';
import { LightElement } from '../light-element.ts';
import type { SampledStep } from '../page-state.ts';
import { drawPicture } from './draw.ts';
import { idsAt, ranksNamed, spansNamed } from './pointing.ts';
import { createReader, type Plans, type StepReading } from './reading.ts';
import { ReplayController } from './replay-controller.ts';
import { compactRows, heightOf, type Row, rowAt } from './rows.ts';
import { type Drawing, Surface } from './surface.ts';
import { whole } from './viewport.ts';
import { bound, cardWords, ms, noStep, picture, replayWords, stripWords } from './words.ts';

const gutter = 116;

export class LastStep extends LightElement {
  static override properties = {
    sampled: { attribute: false },
    plans: { attribute: false },
    cards: { attribute: false },
    cursor: { attribute: false },
  };
  declare sampled: SampledStep | undefined;
  declare plans: Plans;
  declare cards: readonly RankCard[];
  declare cursor: Cursor | undefined;

  readonly #read = createReader();
  readonly #surface = new Surface(this, width => this.#drawing(width));
  readonly #replay = new ReplayController(this, () => ({ cursor: this.cursor, reading: this.#reading() }));

  constructor() {
    super();
    this.plans = new Map();
    this.cards = [];
    new CursorController(this, () => this.cursor);
  }

  override render() {
    const reading = this.#reading();
    if (!reading) return html`<p class="last-step-empty muted">${noStep}</p>`;
    const { lanes, strip } = reading;
    return html`
      <div class="last-step-head">
        <h2>The last step, ${ms(lanes.wallMs)}</h2>
        <p class="muted">${cardWords(lanes)}</p>
        <button type="button" class="link" aria-pressed=${this.#replay.isPlaying} @click=${() => this.#replay.toggle()}>
          ${replayWords(this.#replay)}
        </button>
        <a href="#/timeline">open the timeline</a>
      </div>
      <canvas
        role="img"
        aria-label=${picture(lanes, strip)}
        @pointermove=${this.#point}
        @pointerleave=${this.#leave}
      ></canvas>
      <p class="last-step-words">${stripWords(strip)}, <strong>${bound(strip)}</strong></p>
    `;
  }

  #reading(): StepReading | undefined {
    return this.sampled && this.#read(this.sampled.traces, this.plans, this.cards);
  }

  #rows(reading: StepReading, width: number): Row[] {
    return compactRows({ reading, cards: this.cards }, isNarrow(width));
  }

  #drawing(width: number): ReturnType<Drawing> {
    const reading = this.#reading();
    const rows = reading ? this.#rows(reading, width) : [];
    const height = heightOf(rows);
    const { at, hovered = [] } = this.cursor?.state() ?? {};
    return {
      height,
      draw: (context, paint) => {
        if (!reading) return;
        const lit = new Set(spansNamed(hovered, reading.lanes));
        const view = whole(reading.lanes.wallMs);
        const place = { rows, view, width, height, gutter: gutterOf(width), axis: false };
        drawPicture(context, { ...place, at, lit, litRanks: ranksNamed(hovered) }, paint);
      },
    };
  }

  readonly #point = (event: PointerEvent) => {
    const reading = this.#reading();
    const { canvas } = this.#surface;
    if (!reading || !canvas) return;
    const left = gutterOf(canvas.clientWidth);
    const share = (event.offsetX - left) / (canvas.clientWidth - left);
    const at = Math.max(0, Math.min(1, share)) * reading.lanes.wallMs;
    const row = rowAt(this.#rows(reading, canvas.clientWidth), event.offsetY);
    const moment = this.#replay.isPlaying ? {} : { at };
    this.cursor?.set({ ...moment, hovered: row ? idsAt(row, at, event.offsetY, reading.lanes) : [] });
  };

  readonly #leave = () => {
    this.cursor?.set({ hovered: [], ...(this.#replay.isPlaying ? {} : { at: undefined }) });
  };
}

const isNarrow = (width: number) => width < 480;
const gutterOf = (width: number) => (isNarrow(width) ? 40 : gutter);

customElements.define('isobar-last-step', LastStep);
