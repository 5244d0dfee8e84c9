/**
 * The timeline, `#/timeline`: a sampled step as lanes on one canvas, redrawn when something changes, zoomed and moved by
 * wheel, pinch, drag and keys; beside the step before or the one that was predicted, on one scale.
 *
 * Properties: `sampled` (of the page's state), `plans` by hash, `cards` of the ranks (see `crew/cards`), `cursor`,
 * `own`, the rank of this page where it is one among others, whose lane comes first, `predicted` (such a step on one card).
 * Enter on a span fires `isobar-open-step`, bubbling, with an `OpenStep`. What is pointed at moves the cursor. `goTo` shows a step
 * and a part of its time; when the reader has looked elsewhere, `isobar-camera` tells where, with a `Camera`.
 */
import { html, nothing, type PropertyValues } from 'lit';
import type { RankCard } from '../../crew/cards.ts';
import type { PredictedTrace } from '../../session/api/cut-prediction.ts';
import type { LaneSpan } from '../../show/pieces.ts';
import { type Cursor, CursorController, type ThingId } from '../cursor.ts';
import { LightElement } from '../light-element.ts';
import type { SampledStep } from '../page-state.ts';
import { type Camera, cameraAt } from './camera.ts';
import { factsOf } from './facts.ts';
import { createGestures } from './gestures.ts';
import {
  holding,
  holdingNumber,
  moved,
  noSteps,
  pinning,
  shownStep,
  withoutSteps,
  withStep,
} from './kept-steps.ts';
import { actionOf, neighbour, nextLane } from './keys.ts';
import { openStepOf } from './open-step.ts';
import { idsOf } from './pointing.ts';
import { createPredictedReader } from './predicted-reading.ts';
import { createReader, type Plans, type StepReading } from './reading.ts';
import { ReplayController } from './replay-controller.ts';
import { type Row, spansIn } from './rows.ts';
import { drawingOf, isNarrow, type Scene, sceneOf, under } from './scene.ts';
import { found } from './search.ts';
import { spanTable } from './span-table.ts';
import { Surface } from './surface.ts';
import { timelineFoot } from './timeline-foot.ts';
import { timelineHead } from './timeline-head.ts';
import { showing, type Viewport, whole, zoomedAbout } from './viewport.ts';
import { absentWords, awaitedWords, noStep, picture, words } from './words.ts';

/** Turns of a wheel that follow each other faster are one gesture. */
const gestureMs = 250;

export class Timeline extends LightElement {
  static override properties = {
    sampled: { attribute: false },
    plans: { attribute: false },
    cards: { attribute: false },
    cursor: { attribute: false },
    own: { attribute: false },
    predicted: { attribute: false },
  };
  declare sampled: SampledStep | undefined;
  declare plans: Plans;
  declare cards: readonly RankCard[];
  declare cursor: Cursor | undefined;
  /** The rank of this page, where it is one among others. */
  declare own: number | undefined;
  declare predicted: PredictedTrace | undefined;

  #kept = noSteps;
  #view: Viewport | undefined;
  /** A step that was asked for and is not sampled yet. */
  #awaited: number | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #query = '';
  #found: readonly LaneSpan[] | undefined;
  /** What the pointer or the keys are at, and the row that it is in. */
  #current: LaneSpan | undefined;
  #row = 0;
  /** The step is held only as long as the pointer is on it. */
  #isPointedAt = false;
  /** A click has chosen what is told of: the pointer may leave. */
  #isSelected = false;
  /** On a narrow screen: whose lane it is. */
  #only = 0;
  #hasTable = false;

  readonly #read = createReader();
  readonly #readPredicted = createPredictedReader();
  readonly #surface = new Surface(this, width =>
    drawingOf(this.#scene(), width, {
      cursor: this.cursor?.state(),
      current: this.#current,
      found: this.#found,
    }),
  );
  readonly #replay = new ReplayController(this, () => ({ cursor: this.cursor, reading: this.#reading() }));
  readonly #gestures = createGestures(
    () => this.#scene()?.lens(this.#width()),
    view => this.#show(view),
  );

  constructor() {
    super();
    this.plans = new Map();
    this.cards = [];
    new CursorController(this, () => this.cursor);
  }

  /** Shows a step, as soon as it is there, and a part of its time. */
  goTo({ step, view }: Camera): void {
    this.#awaited = step;
    this.#view = view;
    this.#takeAwaited();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#telling);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('sampled')) {
      const { sampled } = this;
      // What one points at does not change under the pointer.
      if (this.#current && !this.#kept.held) {
        this.#kept = holding(this.#kept);
        this.#isPointedAt = true;
      }
      this.#kept = sampled ? withStep(this.#kept, sampled.traces) : withoutSteps(this.#kept);
      this.#takeAwaited();
      if (!this.#kept.held) this.#forget();
    }
    if (changed.has('own') && this.own !== undefined) this.#only = this.own;
    // With other plans or cards the same step is read anew, to other spans.
    if (changed.has('plans') || changed.has('cards')) this.#forget();
    if (changed.has('sampled') || changed.has('plans') || changed.has('cards')) this.#search(this.#query);
  }

  override render() {
    const scene = this.#scene();
    const awaited = this.#awaited;
    if (!scene) return html`<p class="muted">${awaited === undefined ? noStep : awaitedWords(awaited)}</p>`;
    const { reading, wallMs, view } = scene;
    const { lanes, strip } = reading;
    const { all, held, pinned } = this.#kept;
    return html`
      ${timelineHead({
        reading,
        isOldest: all.indexOf(reading.traces) <= 0,
        isHeld: held !== undefined,
        isPinned: pinned !== undefined,
        replay: this.#replay,
        query: this.#query,
        found: this.#found?.length,
        step: by => this.#step(by),
        pin: () => this.#pin(),
        play: () => this.#replay.toggle(),
        zoom: factor => this.#zoom(factor),
        showWhole: () => this.#show(whole(wallMs)),
        search: query => this.#search(query),
        goToFound: by => this.#goToFound(by),
        ...(isNarrow(this.clientWidth) ? { only: this.#only } : {}),
        showOnly: rank => this.#showOnly(rank),
      })}
      ${awaited === undefined ? nothing : html`<p class="caption" role="status">${absentWords(awaited)}</p>`}
      <canvas
        class="timeline-lanes"
        tabindex="0"
        role="application"
        aria-roledescription="timeline"
        aria-label=${`${picture(lanes, strip)} ${words.keys}`}
        @wheel=${(event: WheelEvent) => this.#gestures.wheel(event)}
        @pointerdown=${this.#down}
        @pointermove=${this.#move}
        @pointerup=${this.#up}
        @pointercancel=${(event: PointerEvent) => this.#gestures.up(event)}
        @pointerleave=${this.#leave}
        @keydown=${this.#key}
      ></canvas>
      ${timelineFoot({
        strip,
        pinned,
        predicted: this.#predictedReading(),
        isCertain: this.cards.every(({ certain }) => certain),
        facts: this.#current && factsOf(this.#current, lanes),
        ...(this.#isSelected ? { open: () => this.#open() } : {}),
      })}
      <details @toggle=${this.#toggleTable}>
        <summary>${words.table}</summary>
        ${this.#hasTable ? spanTable(lanes, view, this.#found) : nothing}
      </details>
    `;
  }

  #reading(): StepReading | undefined {
    const traces = shownStep(this.#kept);
    return traces && this.#read(traces, this.plans, this.cards);
  }

  #predictedReading(): StepReading | undefined {
    return this.predicted && this.#readPredicted(this.predicted).reading;
  }

  readonly #width = () => this.#surface.canvas?.clientWidth ?? 0;

  #scene(): Scene | undefined {
    const reading = this.#reading();
    if (!reading) return undefined;
    const { cards, own } = this;
    const { pinned } = this.#kept;
    const predicted = this.#predictedReading();
    return sceneOf({ reading, cards, pinned, predicted, own, only: this.#only, view: this.#view });
  }

  /** What was told of is not there any more. */
  #forget(): void {
    this.#current = undefined;
    this.#isSelected = false;
  }

  /** From now on, what was chosen stays where it is, whatever else is sampled. */
  #hold(): void {
    this.#isPointedAt = false;
    this.#kept = holding(this.#kept);
    this.#tellSoon();
    this.requestUpdate();
  }

  #takeAwaited(): void {
    if (this.#awaited === undefined) return;
    const kept = holdingNumber(this.#kept, this.#awaited);
    if (!kept) return;
    this.#kept = kept;
    this.#awaited = undefined;
  }

  /** Tells where the reader looks, once the gesture that led there is over. */
  #tellSoon(): void {
    this.#awaited = undefined;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      const scene = this.#scene();
      if (!scene || this.#gestures.isUnderWay()) return;
      const detail = cameraAt(scene, this.#kept.held?.at(0)?.step);
      this.dispatchEvent(new CustomEvent('isobar-camera', { bubbles: true, detail }));
    }, gestureMs);
  }

  #show(view: Viewport): void {
    this.#view = view;
    this.#hold();
  }

  #zoom(factor: number): void {
    const scene = this.#scene();
    if (!scene) return;
    const { begun, ended } = this.#current ?? { begun: scene.view.from, ended: scene.view.to };
    this.#show(zoomedAbout(scene.view, scene.wallMs, begun, ended, factor));
  }

  #step(by: number): void {
    this.#isPointedAt = false;
    this.#kept = moved(this.#kept, by);
    this.#tellSoon();
    this.#forget();
    this.#search(this.#query);
  }

  #pin(): void {
    this.#kept = pinning(this.#kept, this.#reading());
    this.requestUpdate();
  }

  /** Makes a span the one that is told of, here and in all views. */
  #go(span: LaneSpan | undefined, at: number | undefined, hovered: readonly ThingId[] = []): void {
    this.#current = span;
    this.cursor?.set({ hovered, ...(this.#replay.isPlaying ? {} : { at }) });
    this.requestUpdate();
  }

  /** Goes to a span by keys: it comes into view, and stays. */
  #select(span: LaneSpan): void {
    const scene = this.#scene();
    if (!scene) return;
    this.#show(showing(scene.view, scene.wallMs, span));
    this.#go(span, span.begun, idsOf(span, scene.reading.lanes));
  }

  readonly #down = (event: PointerEvent) => {
    this.#surface.canvas?.setPointerCapture(event.pointerId);
    this.#gestures.down(event);
  };

  readonly #move = (event: PointerEvent) => {
    if (!this.#gestures.move(event) && !this.#isSelected) this.#point(event);
  };

  #point(event: PointerEvent): void {
    const scene = this.#scene();
    if (!scene || !this.#surface.canvas) return;
    const { row, span, at, ids } = under(scene, this.#width(), event.offsetX, event.offsetY);
    if (row !== undefined) this.#row = row;
    this.#go(span, at, ids);
  }

  readonly #up = (event: PointerEvent) => {
    const isClick = this.#gestures.up(event);
    this.#hold();
    if (!isClick) return;
    this.#point(event);
    this.#isSelected = this.#current !== undefined;
  };

  readonly #leave = () => {
    if (this.#isSelected || document.activeElement === this.#surface.canvas) return;
    if (this.#isPointedAt) this.#kept = { ...this.#kept, held: undefined };
    this.#isPointedAt = false;
    this.#go(undefined, undefined);
  };

  readonly #key = (event: KeyboardEvent) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actionOf(event.key);
    const scene = this.#scene();
    if (!action || !scene || !this.#surface.canvas) return;
    event.preventDefault();
    const rows = scene.rows(this.#width());
    const { view, wallMs } = scene;
    const middle = this.#current?.begun ?? (view.from + view.to) / 2;
    switch (action.kind) {
      case 'span': {
        const lane = isNarrow(this.#width()) ? rows.find(({ kind }) => kind === 'rank') : rows.at(this.#row);
        const span = neighbour(spansIn(lane ?? rows[0]), this.#current, middle, action.by);
        if (span) this.#select(span);
        break;
      }
      case 'lane':
        this.#lane(rows, action.by, middle);
        break;
      case 'zoom':
        this.#zoom(action.factor);
        break;
      case 'step':
        this.#step(action.by);
        break;
      case 'whole':
        this.#show(whole(wallMs));
        break;
      case 'leave':
        this.#forget();
        this.#go(undefined, undefined);
        break;
      case 'open':
        this.#open();
    }
  };

  /** To the next lane that has spans, and there to the one nearest in time. */
  #lane(rows: readonly Row[], by: number, at: number): void {
    const ranks = this.#reading()?.lanes.ranks.map(({ rank }) => rank) ?? [];
    if (isNarrow(this.#width())) {
      const next = ranks.indexOf(this.#only) + by;
      this.#showOnly(ranks[Math.max(0, Math.min(ranks.length - 1, next))]);
      return;
    }
    const next = nextLane(rows, this.#row, by, at);
    if (!next) return;
    this.#row = next.row;
    this.#select(next.span);
  }

  #showOnly(rank: number): void {
    this.#only = rank;
    this.#forget();
    this.#hold();
  }

  #open(): void {
    const lanes = this.#reading()?.lanes;
    const detail = lanes && this.#current && openStepOf(this.#current, lanes);
    if (!detail) return;
    this.dispatchEvent(new CustomEvent('isobar-open-step', { bubbles: true, detail }));
  }

  #search(query: string): void {
    const reading = this.#reading();
    this.#query = query;
    this.#found = reading && found(reading.lanes, query);
    this.requestUpdate();
  }

  #goToFound(by: number): void {
    const next = this.#found && (neighbour(this.#found, this.#current, 0, by) ?? this.#found.at(0));
    if (next) this.#select(next);
  }

  readonly #toggleTable = (event: Event) => {
    this.#hasTable = event.target instanceof HTMLDetailsElement && event.target.open;
    this.requestUpdate();
  };
}

customElements.define('isobar-timeline', Timeline);
