/**
 * Step mode: the next step of the run, layer by layer and beat by beat, with the values that all ranks have in it. What is
 * shown is computed by the run itself, up to the update, whenever another beat is looked at; nothing of the run changes.
 *
 * It sends `isobar-step-move`, a bubbling CustomEvent<StepPlace>, when the reader goes to another beat.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { GradientDifference, Looked, PlanStep, RankLook } from '../../session/api/api.ts';
import { type Picture, picturesOf, type StepPlan } from '../../show/beat-pictures.ts';
import { type Beat, beatsOf, type LayerPhase, layersOf } from '../../show/beats.ts';
import { bytes, metric } from '../../show/format.ts';
import { layerName } from '../../show/layer-name.ts';
import { ownerLook } from '../../show/owners.ts';
import { LightElement } from '../light-element.ts';
import type { CellPlace } from './heat-map.ts';
import './heat-map.ts';
import type { Cell } from './own-sum.ts';
import './own-sum.ts';
import './same-alone.ts';
import { beatText, beatTitle, formulaOf, isEmpty, roleName, words } from './words.ts';

/** Where step mode is: `beat` counts from 0. */
export interface StepPlace extends LayerPhase {
  readonly beat: number;
}

/** Milliseconds that a beat is shown for while it plays. */
const PLAY_MS = 2500;

export class StepView extends LightElement {
  static override readonly properties = {
    plans: { attribute: false },
    place: { attribute: false },
    look: { attribute: false },
    compare: { attribute: false },
    shaderText: { attribute: false },
    note: { attribute: false },
    missing: { attribute: false },
    names: { attribute: false },
    moment: { attribute: false },
    seen: { state: true },
    said: { state: true },
    fault: { state: true },
    rank: { state: true },
    shader: { state: true },
    playing: { state: true },
    cell: { state: true },
  };

  /** Of all ranks, by rank: the plan of a step's first pass. Empty where no run is prepared. */
  declare plans: readonly StepPlan[];
  declare place: StepPlace | undefined;
  /** Values of the run's next step. */
  declare look: ((looks: readonly RankLook[]) => Promise<readonly Looked[]>) | undefined;
  /** The next step's gradients on one device, and how far those of the ranks are from them; undefined where none can be had. */
  declare compare: (() => Promise<readonly GradientDifference[]>) | undefined;
  declare shaderText: ((name: string) => Promise<string>) | undefined;
  /** Why nothing can be looked at now; undefined where it can. */
  declare note: string | undefined;
  /** Why there are no plans, where there are none. */
  declare missing: string;
  /** Of ranks, where they have names. */
  declare names: ReadonlyMap<number, string>;
  /** Another whenever the run has changed: what was seen of it is seen anew. */
  declare moment: string;
  declare seen: ReadonlyMap<string, Looked>;
  declare said: string;
  declare fault: string | undefined;
  /** That is shown where there is room for one. */
  declare rank: number;
  declare shader: { readonly name: string; readonly text: string } | undefined;
  declare playing: boolean;
  /** The number whose own sum is drawn. */
  declare cell: Cell | undefined;
  /** What is shown, or being computed. */
  #asked = '';
  /** The story that was last told. */
  #told: { readonly key: string; readonly plans: readonly StepPlan[]; readonly beats: Beat[] } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The last look, until it is answered. */
  #looking: Promise<unknown> = Promise.resolve();

  constructor() {
    super();
    this.plans = [];
    this.names = new Map();
    this.missing = words.noRun;
    this.moment = '';
    this.seen = new Map();
    this.said = words.pick;
    this.rank = 0;
    this.playing = false;
    this.addEventListener('isobar-value', event => {
      if (event instanceof CustomEvent) this.said = event.detail;
    });
    this.addEventListener('keydown', event => {
      const by = { ArrowRight: 1, n: 1, ArrowLeft: -1, b: -1 }[event.key];
      if (by && !(event.target instanceof HTMLSelectElement)) this.#go(by);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#play(false);
  }

  /** The layer that is shown: that of the address, or else the first. */
  get #of(): LayerPhase | undefined {
    const [plan] = this.plans;
    if (!plan) return undefined;
    const all = layersOf(plan);
    const { layer, phase } = this.place ?? { layer: undefined, phase: undefined };
    return (
      all.find(each => each.layer === layer && each.phase === phase) ??
      all.find(each => each.layer === layer) ??
      all.find(each => each.layer.startsWith('blocks.')) ??
      all[0]
    );
  }

  #story(): { of: LayerPhase; beats: Beat[]; at: number } | undefined {
    const of = this.#of;
    if (!of) return undefined;
    const key = `${of.layer} ${of.phase}`;
    if (this.#told?.key !== key || this.#told.plans !== this.plans) {
      this.#told = { key, plans: this.plans, beats: beatsOf(this.plans, of) };
    }
    const { beats } = this.#told;
    return { of, beats, at: Math.min(Math.max(0, this.place?.beat ?? 0), beats.length - 1) };
  }

  protected override render() {
    const story = this.#story();
    if (!story) return html`<p class="panel">${this.missing}</p>`;
    const { of, beats, at } = story;
    const beat = beats[at];
    return html`
      <header class="step-head">
        <h2>${layerName(of.layer)}, ${of.phase}</h2>
        <label>${words.layer} ${this.#layers(of)}</label>
        ${this.#phases(of)}
        <span class="step-tools">
          <button type="button" class="secondary" data-go="back" ?disabled=${at === 0} @click=${() => this.#go(-1)}>${words.back}</button>
          <button type="button" class="primary" data-go="next" ?disabled=${at === beats.length - 1} @click=${() => this.#go(1)}>${words.next}</button>
          <button type="button" class="secondary" aria-pressed=${this.playing} @click=${() => this.#play(!this.playing)}>${this.playing ? words.stop : words.play}</button>
        </span>
      </header>
      ${this.note ? html`<p class="step-note" role="status">${this.note}</p>` : nothing}
      ${this.fault ? html`<p class="step-note" role="alert">${this.fault}</p>` : nothing}
      <div class="step-main">
        <div class="step-ranks" data-ranks=${this.plans.length}>
          ${this.plans.length > 1 ? this.#rankChoice() : nothing}
          ${repeat(
            this.plans,
            (_, rank) => rank,
            (plan, rank) => this.#card(plan, beat, rank),
          )}
        </div>
        ${this.#words(beat, of)}
      </div>
      <isobar-own-sum .plans=${this.plans} .look=${this.note === undefined ? this.look : undefined} .cell=${this.cell}></isobar-own-sum>
      ${
        at === beats.length - 1 && this.plans.length > 1 && this.compare
          ? html`<isobar-same-alone .compare=${this.note === undefined ? this.compare : undefined} .layer=${of.layer}
              .moment=${this.moment}></isobar-same-alone>`
          : nothing
      }
      <footer class="step-foot">
        <output class="step-value" aria-live="polite">${this.said}</output>
        <ol class="step-beats" aria-label="Beats">
          ${beats.map((each, index) => this.#beat(each, index, at, of))}
        </ol>
      </footer>`;
  }

  #layers(of: LayerPhase) {
    const all = [...new Set(layersOf(this.plans[0]).map(({ layer }) => layer))];
    return html`<select data-testid="step-layer" @change=${(event: Event) => {
      if (event.target instanceof HTMLSelectElement)
        this.#move({ ...of, layer: event.target.value, beat: 0 });
    }}>${all.map(layer => html`<option value=${layer} ?selected=${layer === of.layer}>${layerName(layer)}</option>`)}</select>`;
  }

  #phases(of: LayerPhase) {
    const phases = layersOf(this.plans[0]).filter(({ layer }) => layer === of.layer);
    return html`<span class="step-phases" role="group" aria-label="Phase">${phases.map(
      ({ phase }) =>
        html`<button type="button" class="secondary" data-phase=${phase} aria-pressed=${phase === of.phase}
          @click=${() => this.#move({ layer: of.layer, phase, beat: 0 })}>${phase}</button>`,
    )}</span>`;
  }

  #rankChoice() {
    return html`<div class="step-rank-choice" role="group" aria-label=${words.rank}>${this.plans.map(
      (_, rank) =>
        html`<button type="button" class="secondary" aria-pressed=${rank === this.rank}
          @click=${() => {
            this.rank = rank;
          }}>${rank}</button>`,
    )}</div>`;
  }

  #card(plan: StepPlan, beat: Beat, rank: number) {
    const own = beat.steps[rank];
    const flops = own.reduce((sum, index) => sum + flopsOf(plan.steps[index]), 0);
    const sent = beat.travels.filter(({ from }) => from === rank).reduce((sum, each) => sum + each.bytes, 0);
    const name = this.names.get(rank);
    return html`<section class="step-card" data-id=${`r:${rank}`} data-rank=${rank} data-shown=${rank === this.rank}
      aria-label=${`${words.rank} ${rank}`}>
      <h3><span class="step-owner" aria-hidden="true"></span>${words.rank.toLowerCase()} ${rank}${name ? html` <small>${name}</small>` : nothing}</h3>
      <div class="step-pictures">${repeat(
        picturesOf(plan, beat, rank),
        picture => keyOf(rank, picture),
        picture => this.#picture(rank, picture),
      )}</div>
      <p>${own.length === 0 ? 'nothing to do' : stepsText(own, plan.steps.length)}${flops > 0 ? `, ${metric(flops)}FLOP` : ''}${sent > 0 ? `, sends ${bytes(sent)}` : ''}</p>
    </section>`;
  }

  #picture(rank: number, picture: Picture) {
    const { role, other, look, of } = picture;
    const name = roleName(role, other);
    const more = of > 1 ? `, first of ${of}` : '';
    const choose = (event: Event) => {
      if (event instanceof CustomEvent) this.#choose(rank, picture, event.detail);
    };
    return html`<figure data-id=${`s:${look.step}`} data-owner=${role === 'received' ? other : rank} @isobar-cell=${choose}>
      <isobar-heat-map .seen=${this.seen.get(keyOf(rank, picture))} .name=${`${name}, rank ${rank}`}
        .rows=${look.rows} .columns=${look.columns}></isobar-heat-map>
      <figcaption>${name}<br /><small>${look.rows} × ${look.columns}${more}</small></figcaption>
    </figure>`;
  }

  #choose(rank: number, { look, role, other }: Picture, { row, column }: CellPlace): void {
    const at = look.from + row * look.columns + column;
    this.cell = {
      ref: { rank, step: look.step, operand: look.operand, at },
      name: `${roleName(role, other)}, rank ${rank} [${row}, ${column}]`,
    };
  }

  #words(beat: Beat, of: LayerPhase) {
    const [plan] = this.plans;
    const kernels = beat.steps[0].flatMap(index => {
      const step = plan.steps[index];
      return step.kind === 'dispatch' ? [{ step, index }] : [];
    });
    return html`<aside class="step-told panel">
      <h3>${words.now}</h3>
      ${beatText(beat, of.phase).map(text => html`<p>${text}</p>`)}
      <p class="step-formula"><code>${formulaOf(beat, of.phase)}</code></p>
      ${beat.travels.length > 0 ? this.#travels(beat) : nothing}
      ${
        kernels.length > 0
          ? html`<h3>${words.kernel}</h3><ul class="step-kernels">${kernels.map(
              ({ step, index }) => html`<li data-id=${`s:${index}`}>
                ${stepsText([index], plan.steps.length)}: <b>${step.shader}</b> (${step.label})<br />
                [${step.provenance.shape.join(' × ')}], ${metric(step.work.flops)}FLOP, reads ${bytes(step.work.read)}, writes ${bytes(step.work.written)}
                <button type="button" class="link" data-shader=${step.shader} @click=${() => this.#read(step.shader)}>${this.shader?.name === step.shader ? words.hide : words.read}</button>
              </li>`,
            )}</ul>`
          : nothing
      }
      ${this.shader ? html`<pre class="step-wgsl" tabindex="0" aria-label=${`WGSL of ${this.shader.name}`}>${this.shader.text}</pre>` : nothing}
    </aside>`;
  }

  #travels({ travels }: Beat) {
    return html`<ul class="step-travels">${travels.map(
      ({ from, to, bytes: size, exchange }) =>
        html`<li data-id=${`x:${exchange}`}>${from} → ${to}: ${bytes(size)}</li>`,
    )}</ul>`;
  }

  #beat(beat: Beat, index: number, at: number, of: LayerPhase) {
    const title = beatTitle(beat, of.phase);
    return html`<li><button type="button" class="secondary" data-beat=${index + 1} data-kind=${beat.kind}
      aria-current=${index === at ? 'step' : 'false'} data-empty=${isEmpty(beat)}
      @click=${() => this.#move({ ...of, beat: index })}>${index + 1} ${isEmpty(beat) ? html`<s>${title}</s>` : title}</button></li>`;
  }

  protected override willUpdate(changed: PropertyValues): void {
    // It was of another moment.
    if (['plans', 'place', 'moment', 'note'].some(name => changed.has(name))) this.cell = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    for (const card of this.querySelectorAll<HTMLElement>('.step-card')) {
      paintOwner(card.querySelector<HTMLElement>('.step-owner'), Number(card.dataset.rank));
    }
    for (const figure of this.querySelectorAll<HTMLElement>('figure[data-owner]')) {
      figure.style.setProperty('--owner', ownerLook(Number(figure.dataset.owner)).colour);
    }
    if (changed.has('plans')) this.#asked = '';
    if (changed.has('place')) this.#showBeat();
    if (changed.has('plans') || changed.has('place') || changed.has('note') || changed.has('moment'))
      void this.#compute();
  }

  /** Where not all of them have room. */
  #showBeat(): void {
    const list = this.querySelector<HTMLElement>('.step-beats');
    const current = list?.querySelector<HTMLElement>('[aria-current=step]')?.parentElement;
    if (list && current) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.clientWidth) / 2;
  }

  /** Asks for all values of the beat that is shown, in one look. */
  async #compute(): Promise<void> {
    const story = this.#story();
    if (!story || !this.look || this.note !== undefined) {
      this.#asked = '';
      return;
    }
    const beat = story.beats[story.at];
    const asked = JSON.stringify([this.plans.map(({ hash }) => hash), this.moment, story.of, story.at]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.fault = undefined;
    const wanted = this.plans.flatMap((plan, rank) =>
      picturesOf(plan, beat, rank).map(picture => ({ rank, picture })),
    );
    // Of a reader who goes on faster than it is answered, only where he stops.
    await this.#looking;
    if (asked !== this.#asked || !this.look) return;
    try {
      const looking = this.look(wanted.map(({ rank, picture }) => ({ ...picture.look, rank })));
      this.#looking = looking.catch(() => undefined);
      const seen = await looking;
      if (asked !== this.#asked) return;
      this.seen = new Map(wanted.map(({ rank, picture }, i) => [keyOf(rank, picture), seen[i]]));
    } catch (cause) {
      if (asked !== this.#asked) return;
      this.#asked = '';
      this.fault = cause instanceof Error ? cause.message : String(cause);
    }
  }

  #go(by: number): void {
    const story = this.#story();
    const next = story && story.at + by;
    if (!story || next === undefined || next < 0 || next >= story.beats.length) {
      this.#play(false);
      return;
    }
    this.#move({ ...story.of, beat: next });
    void this.updateComplete.then(() => this.#passFocus());
  }

  /** At the first and the last beat a button cannot be pressed any more, and would lose the focus. */
  #passFocus(): void {
    if (document.activeElement?.matches('[data-go]:disabled'))
      this.querySelector<HTMLElement>('[data-go]:enabled')?.focus();
  }

  #move(detail: StepPlace): void {
    this.said = words.pick;
    this.dispatchEvent(new CustomEvent('isobar-step-move', { bubbles: true, detail }));
  }

  #play(on: boolean): void {
    clearInterval(this.#timer);
    this.playing = on;
    if (on) this.#timer = setInterval(() => this.#go(1), PLAY_MS);
  }

  async #read(name: string): Promise<void> {
    if (this.shader?.name === name) {
      this.shader = undefined;
      return;
    }
    const text = await this.shaderText?.(name);
    if (text !== undefined) this.shader = { name, text };
  }
}

const keyOf = (rank: number, { look: { step, operand } }: Picture) => `${rank} ${step} ${operand}`;

const flopsOf = (step: PlanStep) => (step.kind === 'dispatch' ? step.work.flops : 0);

/** A step of the plan is called by its place in it, from 0, as everywhere. */
function stepsText(own: readonly number[], all: number): string {
  const last = all - 1;
  return own.length === 1 ? `step ${own[0]} of 0-${last}` : `steps ${own.join(', ')} of 0-${last}`;
}

function paintOwner(swatch: HTMLElement | null, rank: number): void {
  const { colour, ink, hatch } = ownerLook(rank);
  swatch?.style.setProperty('--owner', colour);
  swatch?.style.setProperty('--ink', ink);
  swatch?.style.setProperty('--angle', `${hatch.angle}deg`);
  swatch?.style.setProperty('--hatch-gap', `${hatch.gap}px`);
}

customElements.define('isobar-step', StepView);
