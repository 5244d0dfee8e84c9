/**
 * The weather: the forecast as a large map with isobars, what happened and the difference below it, and a slider that runs
 * through the leads of one roll-out without asking for each. Before a run is ready it shows the atmosphere being computed.
 *
 * Properties: `state`, what the page knows of the run; `ask`, which asks the session for a view. Where the session cannot
 * show what it is asked for, it sends `view-error`, whose detail is the cause; with every roll-out `weather-rolled`, whose
 * detail has the `view` and its `spec`.
 */
import { html, type PropertyValues } from 'lit';
import type { ProgressField, RolloutSpec, RolloutView, View, ViewChoice } from '../../session/api/api.ts';
import { fieldScale } from '../../show/colours.ts';
import { firstShown, forPeople, toPeople } from '../../show/people.ts';
import { specOf } from '../ask-view.ts';
import { LightElement } from '../light-element.ts';
import { emptyPage, type PageState } from '../page-state.ts';
import { createPicture, type Picture } from '../picture.ts';
import { fieldChoice, leadChoice, startChoice } from './controls.ts';
import { extremesOf, type LeadScales, leadFields, leadScales } from './lead-fields.ts';
import { isSameGrid, type MapSheet, sheetOf } from './map-sheet.ts';
import { createPlayer, type Player } from './player.ts';
import { type MapPoint, type Places, pointAfter, readingAt, summaryOf } from './reading.ts';
import { createWeatherMaps, type Drawn } from './weather-maps.ts';
import * as text from './words.ts';

const { words } = text;

/** Asks the session for a view by its name. */
export type AskView = (name: string, choice: ViewChoice) => Promise<View>;

/** A roll-out, and what it was asked of. */
interface Rolled {
  readonly view: RolloutView;
  readonly spec: RolloutSpec;
  /** Steps that the model had trained. */
  readonly step: number;
}

/** Cells that the reading point moves at once with Shift held. */
const farCells = 5;

export class WeatherElement extends LightElement {
  static override properties = { state: { attribute: false }, ask: { attribute: false } };
  declare state: PageState;
  declare ask: AskView;

  readonly #picture: Picture<RolloutSpec>;
  readonly #maps = createWeatherMaps(this);
  #player: Player | undefined;
  #rolled: Rolled | undefined;
  #spinUp: ProgressField | undefined;
  /** Extremes of the fields seen so far: colours that change with every one would flicker. */
  #spinUpExtremes: readonly number[] = [];
  #scales: { readonly of: RolloutView; readonly channel: number; readonly scales: LeadScales } | undefined;
  #sheet: MapSheet | undefined;
  #drawn: Drawn | undefined;
  #channel = 0;
  #sample = 0;
  /** That was asked for: a start near the record's end has fewer. */
  #lead = 1;
  /** Whose values are read out, and whether it came there by keys. */
  #point: MapPoint | undefined;
  #isKeyed = false;
  readonly #resized = new ResizeObserver(() => this.#maps.resized());

  constructor() {
    super();
    this.state = emptyPage();
    this.ask = () => Promise.reject(new Error('the weather has nobody to ask for forecasts'));
    this.#picture = createPicture<RolloutSpec>(
      async (spec, isGone) => {
        const { step } = this.state;
        const view = await this.ask(spec.name, { sample: this.#sample, channel: this.#channel });
        if (isGone()) return;
        if (view.kind !== 'rollout') throw new Error(`${spec.name} was asked for and a ${view.kind} came.`);
        this.#rolled = { view, spec, step };
        this.dispatchEvent(new CustomEvent('weather-rolled', { detail: { view, spec }, bubbles: true }));
        this.#spinUp = undefined;
        this.#spinUpExtremes = [];
        this.#redraw();
      },
      cause => this.dispatchEvent(new CustomEvent('view-error', { detail: cause, bubbles: true })),
    );
  }

  /** What the maps show now. */
  get drawn(): Drawn | undefined {
    return this.#drawn;
  }

  /** The run is about to go: asks nothing more of it, and resolves once the last answer is there. */
  leave(): Promise<void> {
    return this.#picture.leave();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
    this.#player = createPlayer(
      () => this.#goTo(this.#shownLead < this.#lastLead ? this.#shownLead + 1 : 0),
      () => this.#shownLead >= this.#lastLead,
      () => this.requestUpdate(),
    );
    if (this.#drawn) this.#maps.draw(this.#drawn);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#player?.end();
    this.#resized.disconnect();
    this.#maps.end();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('state')) return;
    const before = changed.get('state') ?? emptyPage();
    const { info, progress, step, status } = this.state;
    const standsStill = status === 'paused' || status === 'done' || status === 'ready';
    if (info !== before.info) this.#restart(info && specOf(info, 'rollout'));
    else if (step < before.step || (standsStill && status !== before.status)) this.#picture.refresh();
    else if (step > before.step) this.#picture.refreshSometimes();
    const field = info ? undefined : progress?.field;
    if (!field || field === this.#spinUp) return;
    this.#spinUp = field;
    this.#rolled = undefined;
    this.#player?.stop();
    this.#redraw();
  }

  protected override updated(): void {
    // Its options are there only now.
    const select = this.querySelector('select');
    if (select && select.selectedIndex !== this.#channel) select.selectedIndex = this.#channel;
    for (const mark of this.querySelectorAll<HTMLElement>('.weather-point')) {
      mark.hidden = !this.#point;
      mark.style.setProperty('left', `${100 * (this.#point?.across ?? 0)}%`);
      mark.style.setProperty('top', `${100 * (this.#point?.down ?? 0)}%`);
    }
  }

  protected override render() {
    const { info } = this.state;
    const spec = info && specOf(info, 'rollout');
    const lead = this.#drawn?.lead;
    return html`
      <section
        class="panel weather"
        id="maps-panel"
        data-testid="maps-panel"
        aria-labelledby="weather-title"
        ?hidden=${info !== undefined && spec === undefined}
      >
        <header class="weather-head">
          <h2 id="weather-title">${words.title}</h2>
          ${fieldChoice({
            spec: this.#rolled?.spec ?? spec,
            label: this.#drawn?.people.listed,
            choose: this.#chooseChannel,
          })}
        </header>
        <p class="weather-when" id="maps-when" data-testid="maps-when">${this.#when()}</p>
        <div id="maps" class="weather-maps" @pointermove=${this.#pointAt} @pointerleave=${this.#pointAway}>
          <div
            class="weather-map large"
            data-testid="weather-map"
            role="application"
            tabindex="0"
            aria-label=${words.mapKeys}
            aria-describedby="maps-reading"
            @keydown=${this.#keyOnMap}
            @blur=${this.#pointAway}
          >
            ${this.#sheetOf('forecast', words.forecast)}
            ${this.#nothing(this.#drawn ? '' : this.#nothingText(spec))}
          </div>
          <p
            class="caption weather-reading"
            id="maps-reading"
            data-testid="maps-reading"
            aria-live=${this.#isKeyed ? 'polite' : 'off'}
          >${this.#reading()}</p>
          <figure>
            <div class="weather-map">
              ${this.#sheetOf('truth', words.truth)} ${this.#nothing(lead ? '' : words.notReady)}
            </div>
            <figcaption>${words.truth}</figcaption>
            <div class="bar" id="bar-field" data-testid="bar-field"></div>
          </figure>
          <figure>
            <div class="weather-map">
              ${this.#sheetOf('error', words.difference)} ${this.#nothing(lead ? '' : words.notReady)}
            </div>
            <figcaption>${words.difference} <span class="muted">${words.differenceHint}</span></figcaption>
            <div class="bar" id="bar-error" data-testid="bar-error"></div>
          </figure>
        </div>
        ${leadChoice({
          last: this.#rolled && this.#lastLead,
          lead: this.#rolled ? this.#shownLead : this.#lead,
          hours: lead?.leadHours,
          player: this.#player,
          choose: this.#chooseLead,
        })}
        ${startChoice({
          starts: spec?.starts ?? 0,
          sample: this.#sample,
          view: this.#rolled?.view,
          choose: this.#chooseSample,
        })}
        <p class="caption weather-caption" id="maps-caption" data-testid="maps-caption">${this.#caption()}</p>
      </section>
    `;
  }

  #sheetOf(name: string, title: string) {
    return html`
      <div class="weather-sheet">
        <canvas id="map-${name}" data-testid="map-${name}" role="img" aria-label=${title}></canvas>
        ${name === 'forecast' ? html`<canvas class="over isolines" aria-hidden="true"></canvas>` : ''}
        <canvas class="over coast" aria-hidden="true"></canvas>
        <i class="weather-point" hidden></i>
      </div>
    `;
  }

  #nothing(why: string) {
    return html`<p class="weather-nothing" ?hidden=${why === ''}>${why}</p>`;
  }

  #nothingText(spec: RolloutSpec | undefined): string {
    return spec?.starts === 0 ? words.noTestPart : text.nothingWords(this.state.progress?.stage);
  }

  #when(): string {
    if (!this.#drawn) return '';
    const { lead, people } = this.#drawn;
    if (lead) return text.whenWords(people, lead);
    return this.#spinUp ? text.spinUpTitle(this.#spinUp, people) : '';
  }

  #caption(): string {
    if (!this.#drawn) return '';
    const { lead, people } = this.#drawn;
    if (lead) return text.errorWords(lead, people, this.#rolled?.step === 0);
    return text.spinUpWords(this.state.progress?.stage);
  }

  #reading(): string {
    if (!this.#drawn) return '';
    const { forecast, lead, people, sheet } = this.#drawn;
    if (!this.#point) return text.summaryWords(summaryOf(forecast, lead?.difference, sheet), people);
    const fields = { forecast, truth: lead?.truth };
    return text.readingWords(readingAt(this.#point, fields, sheet.frame, sheet.large), people);
  }

  /** Another run, or none: what is drawn stays until there is something else, unless it is of other data. */
  #restart(spec: RolloutSpec | undefined): void {
    this.#picture.restart(spec && spec.starts > 0 ? spec : undefined);
    if (!spec) return;
    const before = this.#rolled?.spec;
    if (!before || !isSameGrid(before, spec) || namesOf(before) !== namesOf(spec)) {
      this.#player?.stop();
      this.#channel = firstShown(spec.channels);
      this.#sample = Math.floor(spec.starts / 2);
      this.#lead = 1;
      this.#rolled = undefined;
      if (!this.#spinUp) this.#drawn = undefined;
    }
    this.#sample = Math.max(0, Math.min(this.#sample, spec.starts - 1));
    this.#picture.refresh();
  }

  /** Works out what is drawn now, and draws it in the next frame. */
  #redraw(): void {
    if (this.#rolled) this.#drawn = this.#drawnLead(this.#rolled);
    else if (this.#spinUp) this.#drawn = this.#drawnSpinUp(this.#spinUp);
    if (this.#drawn) this.#maps.draw(this.#drawn);
    this.requestUpdate();
  }

  #drawnLead({ view, spec }: Rolled): Drawn | undefined {
    const channel = this.#channel;
    // Its roll-out is on its way.
    if (!view.channels.includes(channel)) return this.#drawn;
    const people = forPeople(spec.channels[channel]);
    if (this.#scales?.of !== view || this.#scales.channel !== channel) {
      this.#scales = { of: view, channel, scales: leadScales(view, channel, people) };
    }
    const { fields, errors } = this.#scales.scales;
    const lead = leadFields(view, channel, this.#shownLead, people);
    return { sheet: this.#sheetFor(spec), people, forecast: lead.forecast, scale: fields, lead, errors };
  }

  #drawnSpinUp({ channel, latitude, longitude, values }: ProgressField): Drawn {
    const people = forPeople(channel);
    const forecast = toPeople(values, people);
    this.#spinUpExtremes = extremesOf(Float32Array.of(...this.#spinUpExtremes, ...extremesOf(forecast)));
    return {
      sheet: this.#sheetFor({ latitude, longitude }),
      people,
      forecast,
      scale: fieldScale(Float32Array.from(this.#spinUpExtremes)),
      lead: undefined,
      errors: undefined,
    };
  }

  #sheetFor(grid: Places): MapSheet {
    if (!this.#sheet || !isSameGrid(this.#sheet, grid)) {
      this.#sheet = sheetOf(grid);
      this.#pointAway();
    }
    return this.#sheet;
  }

  get #lastLead(): number {
    return this.#rolled?.view.leadHours.length ?? 0;
  }

  get #shownLead(): number {
    return Math.min(this.#lead, this.#lastLead);
  }

  #goTo(lead: number): void {
    this.#lead = lead;
    this.#redraw();
  }

  readonly #chooseChannel = ({ target }: Event) => {
    if (!(target instanceof HTMLSelectElement)) return;
    this.#channel = Math.max(0, target.selectedIndex);
    if (this.#rolled?.view.channels.includes(this.#channel)) this.#redraw();
    else this.#picture.refresh();
  };

  readonly #chooseLead = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return;
    this.#player?.stop();
    this.#goTo(Number(target.value));
  };

  readonly #chooseSample = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return;
    this.#sample = Number(target.value);
    this.#picture.refresh();
  };

  readonly #pointAt = ({ target, clientX, clientY }: PointerEvent) => {
    const map = target instanceof Element ? target.closest('.weather-map') : null;
    const sheet = map?.querySelector('.weather-sheet');
    if (!sheet) return;
    const { left, top, width, height } = sheet.getBoundingClientRect();
    const [across, down] = [(clientX - left) / width, (clientY - top) / height];
    const isOn = across >= 0 && across <= 1 && down >= 0 && down <= 1;
    this.#setPoint(isOn ? { across, down } : undefined, false);
  };

  readonly #pointAway = () => this.#setPoint(undefined, false);

  readonly #keyOnMap = (event: KeyboardEvent) => {
    if (event.key === 'Escape') this.#pointAway();
    if (!this.#sheet) return;
    const next = pointAfter(event.key, this.#point, event.shiftKey ? farCells : 1, this.#sheet);
    if (!next) return;
    // The page would scroll.
    event.preventDefault();
    this.#setPoint(next, true);
  };

  #setPoint(point: MapPoint | undefined, isKeyed: boolean): void {
    this.#point = point;
    this.#isKeyed = isKeyed;
    this.requestUpdate();
  }
}

const namesOf = ({ channels }: RolloutSpec) => channels.map(({ name }) => name).join();

customElements.define('isobar-weather', WeatherElement);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-weather': WeatherElement;
  }
}
