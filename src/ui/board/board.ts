/**
 * `<isobar-board>`: the machine opened (`#/board`). What goes on in a step, the sample and every kind of weight in their true
 * pieces, one rank's luggage, what a step sends, whether it pays, and other ways to cut beside it.
 *
 * While the run trains (`training`) and the board is in sight, the last sampled step is replayed over and over, and each newer one
 * takes its place when it begins again; not where the reader wants less motion.
 */
import { html, type PropertyValues, render, svg, type TemplateResult } from 'lit';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import { trafficKinds } from '../../session/api/cut-traffic.ts';
import type { Cuts } from '../../session/api/cuts.ts';
import { bytes, count } from '../../show/format.ts';
import type { Moment } from '../../show/live.ts';
import { isWhole } from '../../show/tried-step.ts';
import type { StepReading } from '../timeline/reading.ts';
import { ReplayController } from '../timeline/replay-controller.ts';
import { BoardElement } from './board-element.ts';
import { compareTable } from './compare.ts';
import { hatches, type Look, swatch } from './drawing.ts';
import { liveFigure, liveWords } from './live-figure.ts';
import { type MachinePlaces, machinePlaces, meshPairs } from './live-places.ts';
import { type Pace, paced } from './pace.ts';
import {
  factLines,
  indexLabels,
  legend,
  meshChips,
  payLine,
  reading,
  sampleFigure,
  turnLines,
  weightFigure,
} from './parts.ts';
import { kindsOf, lengthOf, ordinalsText } from './pieces.ts';
import type { Way } from './watch-cuts.ts';
import {
  liveText,
  percent,
  rankName,
  samplesText,
  sampleWords,
  sendsText,
  stepTime,
  words,
} from './words.ts';

const sampleSize = { width: 440, height: 150 };
const weightSize = { width: 150, height: 110 };

const memoryKinds = ['parameters', 'gradients', 'optimizer', 'activations', 'inputs', 'exchange'] as const;

const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export class IsobarBoard extends BoardElement {
  static override readonly properties = { ...BoardElement.properties, training: { type: Boolean } };

  declare training: boolean;
  /** What the reader has asked for; `follow`: a replay as long as the run trains. */
  #wish: 'follow' | 'play' | 'stop' = 'follow';
  /** Stays, whatever is sampled meanwhile, until its replay begins again. */
  #held: StepReading | undefined;
  #places:
    | { readonly cuts: Cuts; readonly reading: StepReading | undefined; readonly of: MachinePlaces }
    | undefined;
  readonly #replay = new ReplayController(this, () => ({
    cursor: this.cursor,
    reading: this.reading(),
    onAgain: () => {
      this.#held = undefined;
    },
  }));

  constructor() {
    super();
    this.training = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has('plans') || changed.has('cards') || !this.sampled) this.#held = undefined;
    // One that was only tried gives way at once.
    if (changed.has('sampled') && this.#held && !isWhole(this.#held.lanes)) this.#held = undefined;
    if (changed.has('training') && this.training) this.#wish = 'follow';
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    void this.updateComplete.then(() => this.#follow());
  }

  protected override seen(): void {
    this.#follow();
  }

  protected override reading(): StepReading | undefined {
    const isLookedAt = this.#replay.isPlaying || this.cursor?.state().at !== undefined;
    if (!isLookedAt || !this.#held) this.#held = super.reading();
    return this.#held;
  }

  /** Plays, or stops, as is wished and can be seen. */
  #follow(): void {
    const follows = this.training && !isCalm();
    const wants = this.isSeen && (this.#wish === 'play' || (this.#wish === 'follow' && follows));
    if (wants && !this.#replay.isPlaying) this.#replay.play();
    if (wants || !this.#replay.isPlaying) return;
    this.#replay.stop();
    if (this.#wish !== 'stop') this.cursor?.set({ at: undefined });
  }

  #ask(wish: 'play' | 'stop'): void {
    this.#wish = wish;
    this.#follow();
  }

  #goTo(at: number | undefined): void {
    this.#ask('stop');
    this.cursor?.set({ at });
    this.requestUpdate();
  }

  protected override drawMoment(moment: Moment | undefined): MachinePlaces | undefined {
    const [figure, said] = [
      this.querySelector<HTMLElement>('.live-figure'),
      this.querySelector<HTMLElement>('.live-words'),
    ];
    const answer = this.view?.answer;
    if (!figure || !said || !answer || !('cuts' in answer)) return undefined;
    const places = this.#placesOf(answer.cuts);
    render(liveFigure(places, moment, this.look('board-hatch')), figure);
    render(liveWords(moment), said);
    const slider = this.querySelector<HTMLInputElement>('.live-slider');
    if (slider) {
      slider.value = `${this.cursor?.state().at ?? 0}`;
      const text = moment ? liveText(moment) : words.live.rest;
      if (slider.ariaValueText !== text) slider.ariaValueText = text;
    }
    return places;
  }

  #placesOf(cuts: Cuts): MachinePlaces {
    const reading = this.reading();
    if (this.#places?.cuts !== cuts || this.#places.reading !== reading) {
      const pairs = new Map(meshPairs(cuts.mesh).map(pair => [`${pair}`, pair]));
      for (const { ranks } of reading?.lanes.links ?? []) pairs.set(`${ranks}`, [...ranks]);
      this.#places = { cuts, reading, of: machinePlaces(cuts.mesh, [...pairs.values()]) };
    }
    return this.#places.of;
  }

  #live(): TemplateResult {
    const reading = this.reading();
    const { isPlaying, slowdown } = this.#replay;
    const isMoved = this.cursor?.state().at !== undefined;
    return html`<section class="board-card board-wide live" aria-labelledby="board-live">
      <h2 id="board-live">${words.live.title}</h2>
      <div class="live-now">
        <div class="live-figure"></div>
        <div class="live-words"></div>
      </div>
      ${
        reading
          ? html`<div class="live-tools">
              ${
                isCalm()
                  ? ''
                  : html`<button type="button" class="secondary" aria-pressed=${isPlaying} @click=${() => this.#ask(isPlaying ? 'stop' : 'play')}>
                      ${isPlaying ? words.live.stop : words.live.play}
                    </button>`
              }
              <input
                type="range"
                class="live-slider"
                min="0"
                max=${reading.lanes.wallMs}
                step="any"
                aria-label=${words.live.moment}
                @input=${({ target }: Event) => target instanceof HTMLInputElement && this.#goTo(Number(target.value))}
              />
              <button type="button" class="secondary" ?disabled=${!isMoved} @click=${() => this.#goTo(undefined)}>${words.live.leave}</button>
              <output class="live-speed">
                ${words.live.step(reading.lanes.step, reading.lanes.wallMs)}${isWhole(reading.lanes) ? '' : `, ${words.live.tried}`}${isPlaying && slowdown !== undefined ? html`, <b>${words.live.replay(slowdown)}</b>` : ''}
              </output>
            </div>`
          : html`<p class="caption">${words.live.noStep}</p>`
      }
      <p class="caption">${words.live.note}</p>
    </section>`;
  }

  protected override render(): TemplateResult {
    const { view } = this;
    const answer = view?.answer;
    return html`<div class="board">
      <header class="board-card board-head">
        ${view && meshChips(view, offer => this.choose(offer))}
        <p class="caption why" role="status">${this.said()}</p>
      </header>
      ${answer ? ('cuts' in answer ? this.#cut(answer.cuts) : '') : html`<p class="caption">${words.waiting}</p>`}
    </div>`;
  }

  #ways(pace: Pace): readonly Way[] {
    const { ways = [] } = this.view ?? {};
    return ways.map(way => (way.prediction ? { ...way, prediction: paced(way.prediction, pace) } : way));
  }

  #cut(cuts: Cuts): TemplateResult {
    const { pace } = this;
    const prediction = paced(this.view?.prediction, pace);
    const look = this.look('board-hatch');
    const kinds = kindsOf(cuts.weights);
    const matrices = kinds.filter(({ weight }) => weight.isMatrix);
    const vectors = kinds.filter(({ weight }) => !weight.isMatrix);
    const figure = ({ weight, count }: (typeof kinds)[number]) => html`<div class="weight-kind">
      ${weightFigure(weight, { most: weightSize, count }, look)} ${indexLabels(weight)}
    </div>`;
    return html`${hatches(look.prefix, cuts.ranks.length)} ${this.#live()}
      <section class="board-card" aria-labelledby="board-sample">
        <h2 id="board-sample">${words.sample}</h2>
        ${sampleFigure(cuts, sampleSize, this.fields, look)} ${linkLines(cuts)} ${legend(cuts.ranks.length, look)}
        ${turnLines(this.holders).map(line => html`<p class="caption turns">${line}</p>`)}
      </section>
      <section class="board-card board-luggage" aria-labelledby="board-luggage">
        <h2 id="board-luggage">${words.luggage}</h2>
        ${luggage(cuts, prediction, look)}
      </section>
      <section class="board-card board-weights" aria-labelledby="board-weights">
        <h2 id="board-weights">${words.weights}</h2>
        <div class="weights">${matrices.map(figure)}</div>
        <details>
          <summary>${words.vectors} (${vectors.length})</summary>
          <div class="weights">${vectors.map(figure)}</div>
        </details>
      </section>
      <section class="board-card board-wide" aria-labelledby="board-sends">
        <h2 id="board-sends">${words.sends}</h2>
        ${trafficBars(cuts)} ${payLine(cuts, prediction, pace)} ${payBars(prediction, pace)}
        <p class="caption">${words.assumed}</p>
      </section>
      <section class="board-card board-wide" aria-labelledby="board-compare">
        <h2 id="board-compare">${words.compare}</h2>
        ${compareTable(this.#ways(pace), cuts)}
        <p><a href="#/plan">${words.elsewhere}</a></p>
      </section>
      <details class="board-card board-wide">
        <summary>${words.inWords}</summary>
        ${reading(cuts, look)}
      </details>`;
  }
}

/** Who exchanges with whom within a copy, and between copies. */
function linkLines({ mesh: { rows, columns, replicas }, ranks }: Cuts): TemplateResult {
  const first = ranks.filter(({ replica }) => replica === 0);
  const groups = [
    { name: 'row', members: first.filter(({ row }) => row === 0), isThere: columns > 1 },
    { name: 'column', members: first.filter(({ column }) => column === 0), isThere: rows > 1 },
    {
      name: 'copies',
      members: ranks.filter(({ row, column }) => row === 0 && column === 0),
      isThere: replicas > 1,
    },
  ].filter(({ isThere }) => isThere);
  if (groups.length === 0) return html`<p class="caption">No links: nothing travels.</p>`;
  const text = groups.map(({ name, members }) => `${members.map(({ rank }) => rank).join('⇄')} ${name}`);
  return html`<p class="caption">Links ${text.join(' · ')}${groups.length > 0 && first.length > 2 ? ', and so on' : ''}</p>`;
}

/** All that the rank pointed at holds; of the first where none is. */
function luggage(cuts: Cuts, prediction: Prediction | undefined, look: Look): TemplateResult {
  const [lit = 0] = look.lit;
  const { rank, samples, block, elements, memory } = cuts.ranks[lit] ?? cuts.ranks[0];
  const { undivided, sample, parameters, batch } = cuts;
  const held = prediction?.memory ?? memory;
  const { channels, rows } = sampleWords(sample.name);
  const { why } = factLines(cuts, prediction);
  const widest = Math.max(...memoryKinds.map(kind => undivided[kind]), 1);
  return html`<h3>${swatch(rank, look.prefix)} ${rankName(rank, look.names.get(rank))}</h3>
    <dl class="luggage">
      <dt>sample</dt>
      <dd>
        ${samplesText(samples[0], samples[1], batch)}: ${lengthOf(block[1])} ${rows}, ${channels}
        ${ordinalsText(block[0])}
      </dd>
      <dt>weights</dt>
      <dd>${count(elements)} of ${count(parameters)}, ${percent(elements / parameters)}</dd>
    </dl>
    <table class="bars">
      <caption class="sr-only">
        ${words.luggage}
      </caption>
      <thead class="sr-only">
        <tr><th scope="col">what</th><th scope="col">share</th><th scope="col">this rank</th><th scope="col">undivided</th></tr>
      </thead>
      <tbody>
        ${memoryKinds.map(
          kind => html`<tr>
            <th scope="row">${words.memoryKinds[kind]}</th>
            <td class="bar-cell">${bar(held[kind] / widest, kind, undivided[kind] / widest)}</td>
            <td>${bytes(held[kind])}</td>
            <td class="muted">${undivided[kind] > 0 ? `of ${bytes(undivided[kind])}` : ''}</td>
          </tr>`,
        )}
        <tr class="sum">
          <th scope="row">all</th>
          <td class="bar-cell">${percent(held.total / undivided.total)}</td>
          <td>${bytes(held.total)}</td>
          <td class="muted">of ${bytes(undivided.total)}</td>
        </tr>
      </tbody>
    </table>
    <p class="caption">${why}</p>`;
}

function trafficBars({ ranks }: Cuts): TemplateResult {
  const [{ traffic }] = ranks;
  const widest = Math.max(...Object.values(traffic.bytes), 1);
  if (traffic.totalExchanges === 0) return html`<p>One device ${sendsText(0, 0)}.</p>`;
  return html`<p>A rank ${sendsText(traffic.totalBytes, traffic.totalExchanges)}.</p>
    <table class="bars">
      <caption class="sr-only">
        ${words.sends}
      </caption>
      <thead class="sr-only">
        <tr><th scope="col">what</th><th scope="col">share</th><th scope="col">bytes</th><th scope="col">exchanges</th></tr>
      </thead>
      <tbody>
        ${trafficKinds.map(
          kind => html`<tr>
            <th scope="row">${words.trafficKinds[kind]}</th>
            <td class="bar-cell">${bar(traffic.bytes[kind] / widest, 'exchange')}</td>
            <td>${bytes(traffic.bytes[kind])}</td>
            <td class="muted">${traffic.exchanges[kind]}x</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
}

function payBars(prediction: Prediction | undefined, { step }: Pace): TemplateResult {
  if (!prediction) return html``;
  const { steps } = prediction;
  const rows = [
    ...(step ? [{ name: words.measured, seconds: step.ms / 1000, waiting: 0 }] : []),
    { name: words.oneDevice, seconds: steps[0].aloneSeconds, waiting: 0 },
    ...steps.map(({ name, seconds, waitingSeconds }) => ({
      name: words.seconds[name] ?? name,
      seconds,
      waiting: waitingSeconds,
    })),
  ];
  const longest = Math.max(...rows.map(({ seconds }) => seconds));
  return html`<table class="bars">
    <caption class="sr-only">
      ${words.pays}
    </caption>
    <thead class="sr-only">
      <tr><th scope="col">where</th><th scope="col">share</th><th scope="col">a step</th><th scope="col">waiting</th></tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, seconds, waiting }) => html`<tr>
          <th scope="row">${name}</th>
          <td class="bar-cell">${bar(seconds / longest, 'parameters')}</td>
          <td>${stepTime(seconds)}</td>
          <td class="muted">${waiting > 0 ? `${percent(waiting / seconds)} waiting` : ''}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param of the length that it would have undivided */
function bar(share: number, kind: string, of?: number): TemplateResult {
  const width = (value: number) => Math.round(1000 * Math.min(1, value)) / 10;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    ${of === undefined ? '' : svg`<rect class="bar-whole" width=${width(of)} height="10"></rect>`}
    <rect class="bar-${kind}" width=${width(share)} height="10"></rect>
  </svg>`;
}

customElements.define('isobar-board', IsobarBoard);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-board': IsobarBoard;
  }
}
