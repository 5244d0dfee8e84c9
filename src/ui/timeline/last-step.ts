/**
 * The foot of the first view: the last sampled step on a strip for every card, and the strip of where its time went. Until a step
 * was trained, it is one that was tried; until one was, it is that which is predicted. Its title says which.
 *
 * Properties: `sampled` (of the page's state), `plans` by hash, `cards` of the ranks (see `crew/cards`), `predicted`, a step on one
 * card, `waiting`, what is said where there is neither, and `cursor`. What is pointed at moves the cursor; "slow it down" moves it by itself. A link leads to `#/timeline`.
 */
import { html } from 'lit';
import type { RankCard } from '../../crew/cards.ts';
import type { PredictedTrace } from '../../session/api/cut-prediction.ts';
import { isWhole } from '../../show/tried-step.ts';
import { type Cursor, CursorController } from '../cursor.ts';
import { LightElement } from '../light-element.ts';
import type { SampledStep } from '../page-state.ts';
import { drawPicture } from './draw.ts';
import { idsAt, ranksNamed, spansNamed } from './pointing.ts';
import { createPredictedReader } from './predicted-reading.ts';
import { createReader, type Plans, type StepReading } from './reading.ts';
import { ReplayController } from './replay-controller.ts';
import { compactRows, heightOf, type Row, rowAt } from './rows.ts';
import { type Drawing, Surface } from './surface.ts';
import { whole } from './viewport.ts';
import {
  bound,
  cardWords,
  natureWords,
  noStep,
  picture,
  replayWords,
  stepTitle,
  stripWords,
} from './words.ts';

const gutter = 116;

export class LastStep extends LightElement {
  static override properties = {
    sampled: { attribute: false },
    plans: { attribute: false },
    cards: { attribute: false },
    predicted: { attribute: false },
    waiting: { attribute: false },
    cursor: { attribute: false },
  };
  declare sampled: SampledStep | undefined;
  declare plans: Plans;
  declare cards: readonly RankCard[];
  declare predicted: PredictedTrace | undefined;
  declare waiting: string;
  declare cursor: Cursor | undefined;

  readonly #read = createReader();
  readonly #readPredicted = createPredictedReader();
  readonly #surface = new Surface(this, width => this.#drawing(width));
  readonly #replay = new ReplayController(this, () => ({ cursor: this.cursor, reading: this.#reading() }));

  constructor() {
    super();
    this.plans = new Map();
    this.cards = [];
    this.waiting = noStep;
    new CursorController(this, () => this.cursor);
  }

  override render() {
    const reading = this.#reading();
    if (!reading) return html`<p class="last-step-empty muted">${this.waiting}</p>`;
    const { lanes, strip } = reading;
    const nature = this.sampled ? (isWhole(lanes) ? 'trained' : 'tried') : 'predicted';
    return html`
      <div class="last-step-head" data-nature=${nature}>
        <h2>${stepTitle(nature, lanes.wallMs)}</h2>
        <p class="muted">${[cardWords(lanes), natureWords[nature]].filter(Boolean).join('; ')}</p>
        <button type="button" class="link" aria-pressed=${this.#replay.isPlaying} @click=${() => this.#replay.toggle()}>
          ${replayWords(this.#replay)}
        </button>
        <a href="#/timeline">open the timeline</a>
      </div>
      <canvas
        height="1"
        role="img"
        aria-label=${picture(lanes, strip)}
        @pointermove=${this.#point}
        @pointerleave=${this.#leave}
      ></canvas>
      <p class="last-step-words">${stripWords(strip)}, <strong>${bound(strip)}</strong></p>
    `;
  }

  #reading(): StepReading | undefined {
    if (this.sampled) return this.#read(this.sampled.traces, this.plans, this.cards);
    return this.predicted && this.#readPredicted(this.predicted).reading;
  }

  #rows(reading: StepReading, width: number): Row[] {
    const cards = this.sampled || !this.predicted ? this.cards : this.#readPredicted(this.predicted).cards;
    return compactRows({ reading, cards }, isNarrow(width));
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
