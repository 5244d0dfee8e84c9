/**
 * The energy of the run: power over time, joules a sample, watt-hours so far, the whole run on another GPU; and what the user
 * may say of it, up to a calibration with a wall meter.
 *
 * It sends `isobar-energy-settings`, a bubbling CustomEvent<EnergySettings>, with settings that make sense.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { type Band, times } from '../../energy/band.ts';
import { elsewhere } from '../../energy/elsewhere.ts';
import { gpuKinds, gpuRows } from '../../energy/gpu-rows.ts';
import { grids } from '../../energy/grid.ts';
import { wattHours } from '../../energy/meter.ts';
import { recognise } from '../../energy/recognise.ts';
import {
  checkSettings,
  type EnergySettings,
  type GpuChoice,
  gpuPowerOf,
  usualSettings,
} from '../../energy/settings.ts';
import { imagined } from '../../show/energy-summary.ts';
import { bandText, evidenceText, hostText } from '../../show/energy-words.ts';
import { duration } from '../../show/format.ts';
import { createLineChart, type LineChart } from '../chart.ts';
import { LightElement } from '../light-element.ts';
import type { EnergyView } from './page-energy.ts';
import { words } from './words.ts';

const usualElsewhere = imagined[2];

export class EnergyPanel extends LightElement {
  static override readonly properties = {
    view: { attribute: false },
    other: { state: true },
    fault: { state: true },
  };

  /** Undefined where no run is prepared. */
  declare view: EnergyView | undefined;
  /** The GPU that the run is imagined on. */
  declare other: string;
  declare fault: string;
  #chart: LineChart | undefined;

  constructor() {
    super();
    this.other = usualElsewhere;
    this.fault = '';
  }

  protected override updated(changed: PropertyValues): void {
    const place = this.querySelector<HTMLElement>('.energy-chart');
    if (place && !this.#chart) {
      this.#chart = createLineChart(place, () => ({
        curves: this.#curves(),
        xTitle: 'seconds',
        yTitle: 'W',
        logarithmic: false,
        whenEmpty: words.chartEmpty,
      }));
    }
    if (changed.has('view')) this.#chart?.refresh();
  }

  #curves() {
    const points = this.view?.points ?? [];
    const curve = (label: string, end: keyof Band, dashed: boolean) => ({
      label,
      colour: dashed ? '--muted' : '--model',
      dashed,
      points: points.map(({ at, watts }) => ({ x: at, y: watts[end] })),
    });
    return [
      curve('most likely', 'central', false),
      curve('at least', 'low', true),
      curve('at most', 'high', true),
    ];
  }

  protected override render() {
    const { view } = this;
    const watts = view?.watts;
    const reading = watts ? `${words.chart}: ${bandText(watts, 'W')}` : words.chartEmpty;
    return html`
      <h2>${words.title}</h2>
      ${view?.summary ? this.#figures(view) : html`<p class="caption">${words.nothing}</p>`}
      <div class="chart energy-chart" role="img" aria-label=${reading}></div>
      ${view ? this.#elsewhere(view) : nothing}
      ${view ? this.#settings(view) : nothing}
      ${view ? this.#calibration(view) : nothing}
      <p class="energy-fault" role="alert">${this.fault}</p>
      <p><a href="#/study">${words.studies}</a></p>
    `;
  }

  #figures({ summary, watts, steps, batch, notes, pressure }: EnergyView) {
    if (!summary) return nothing;
    const { gpus, load, sources, hosts, joulesPerSample, grams, gramsPerKwh, place } = summary;
    const { seconds, samples, trainingSeconds } = summary;
    const whole = joulesPerSample && times(summary.wattHours, (steps * batch) / samples);
    const scoring = seconds > trainingSeconds ? words.besides(duration(seconds - trainingSeconds)) : '';
    const fact = (name: string, title: string, value: string) =>
      html`<div><dt>${title}</dt><dd data-testid="energy-${name}">${value}</dd></div>`;
    return html`
      ${gpus.map(({ name, evidence }) => html`<p class="energy-gpu"><strong>${name}</strong> <span class="caption">${evidenceText(evidence, load, sources)}</span></p>`)}
      <dl class="facts">
        ${watts ? fact('watts', words.now, bandText(watts, 'W')) : nothing}
        ${joulesPerSample ? fact('sample', words.sample, bandText(joulesPerSample, 'J')) : nothing}
        ${fact('so-far', words.soFar, `${bandText(summary.wattHours, 'Wh')} in ${duration(seconds)}${scoring}`)}
        ${whole ? fact('whole', words.whole, bandText(whole, 'Wh')) : nothing}
        ${fact('grams', words.grams, `${bandText(grams, 'g')} at ${gramsPerKwh} g/kWh (${place})`)}
      </dl>
      <p class="caption">${words.estimate} ${words.beside} ${hosts.map(hostText).join('; ')}.</p>
      ${pressure ? html`<p class="caption" data-testid="energy-pressure">${words.pressure(pressure)}</p>` : nothing}
      ${[...notes, ...summary.notes].map(note => html`<p class="caption energy-note">${note}</p>`)}
    `;
  }

  #elsewhere({ work, steps, settings, roofShare }: EnergyView) {
    const { seconds, joules } = elsewhere(this.other, work, steps, settings, roofShare);
    const choose = (event: Event) => {
      if (event.target instanceof HTMLSelectElement) this.other = event.target.value;
    };
    return html`
      <p class="energy-elsewhere">
        <label>${words.elsewhere} <select aria-label=${words.choose} data-testid="energy-other" @change=${choose}>
          ${rowOptions(this.other)}
        </select></label>
        <output data-testid="energy-elsewhere">${bandText(seconds, 's')}, ${bandText(wattHours(joules), 'Wh')}</output>
      </p>
    `;
  }

  #settings({ settings }: EnergyView) {
    const { gpu, hostWatts, pue, gramsPerKwh, place } = settings;
    const choice = (kind: GpuChoice['kind'], text: string, more: unknown = nothing) => html`
      <p class="energy-choice">
        <label><input type="radio" name="gpu" value=${kind} .checked=${gpu.kind === kind} /> ${text}</label> ${more}
      </p>`;
    return html`
      <details class="explain">
        <summary>${words.settings}</summary>
        <form @submit=${this.#apply} data-testid="energy-settings" novalidate>
          ${choice('recognised', words.recognised)}
          ${choice('row', words.row, html`<select name="row" aria-label=${words.row}>${rowOptions(gpu.kind === 'row' ? gpu.name : usualElsewhere)}</select>`)}
          ${choice(
            'watts',
            words.watts,
            html`${numberField('watts', words.watts, gpu.kind === 'watts' ? gpu.watts : undefined)}
            <label>${words.idle} ${numberField('idle', words.idle, gpu.kind === 'watts' ? gpu.idle : undefined)}</label>`,
          )}
          ${gpu.kind === 'wall' ? choice('wall', words.wall) : nothing}
          <label class="field"><span>${words.host}</span>${numberField('host', words.host, hostWatts, words.hostUsual)}</label>
          <label class="field"><span>${words.pue}</span>${numberField('pue', words.pue, pue, words.pueUsual)}</label>
          <label class="field"><span>${words.grid}</span>${numberField('grams', words.grid, gramsPerKwh)}</label>
          <label class="field"><span>${words.place}</span><select name="place" @change=${this.#chooseGrid}>
            ${[...grids.map(grid => grid.place), words.ownGrid].map(name => html`<option ?selected=${name === place}>${name}</option>`)}
          </select></label>
          <button type="submit">${words.apply}</button>
        </form>
      </details>
    `;
  }

  #calibration({ training }: EnergyView) {
    return html`
      <details class="explain">
        <summary>${words.calibration}</summary>
        <p class="caption">${words.calibrationWhy}</p>
        <form @submit=${this.#calibrate} data-testid="energy-calibration" novalidate>
          <ol>
            <li>${words.stepRest}<label class="field"><span>${words.rest}</span>${numberField('rest', words.rest)}</label></li>
            <li>${words.stepLoad}<label class="field"><span>${words.load}</span>${numberField('load', words.load)}</label></li>
          </ol>
          <button type="submit" ?disabled=${!training}>${words.keepLoad}</button>
          ${training ? nothing : html`<span class="caption">${words.needsLoad}</span>`}
        </form>
      </details>
    `;
  }

  /** The intensity of the place that was chosen stands in the field beside it. */
  #chooseGrid(event: Event): void {
    const select = event.target;
    if (!(select instanceof HTMLSelectElement)) return;
    const grid = grids.find(({ place }) => place === select.value);
    const field = select.form?.elements.namedItem('grams');
    if (grid && field instanceof HTMLInputElement) field.value = `${grid.gramsPerKwh}`;
  }

  #apply(event: SubmitEvent): void {
    event.preventDefault();
    const { view } = this;
    if (!(event.target instanceof HTMLFormElement) || !view) return;
    const form = new FormData(event.target);
    const host = given(form, 'host');
    const pue = given(form, 'pue');
    this.#send(() => ({
      gpu: chosenGpu(form, view.settings),
      ...(host !== undefined && { hostWatts: host }),
      ...(pue !== undefined && { pue }),
      ...gridIn(form),
    }));
  }

  #calibrate(event: SubmitEvent): void {
    event.preventDefault();
    const { view } = this;
    if (!(event.target instanceof HTMLFormElement) || !view) return;
    const form = new FormData(event.target);
    const { activity = { low: 0, central: 0, high: 0 } } = view;
    this.#send(() => ({
      ...view.settings,
      gpu: {
        kind: 'wall',
        idleWatts: given(form, 'rest') ?? Number.NaN,
        loadWatts: given(form, 'load') ?? Number.NaN,
        activity,
      },
    }));
  }

  /** Sends what makes sense; says of the rest what does not. */
  #send(made: () => EnergySettings): void {
    try {
      const settings = checkSettings(made());
      gpuPowerOf(recognise({}), settings.gpu);
      this.fault = '';
      this.dispatchEvent(
        new CustomEvent<EnergySettings>('isobar-energy-settings', { bubbles: true, detail: settings }),
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fault = error.message;
    }
  }
}

const numberField = (name: string, label: string, value?: number, placeholder = '') =>
  html`<input type="number" step="any" name=${name} aria-label=${label} placeholder=${placeholder} .value=${value === undefined ? '' : `${value}`} />`;

/** Rows that a run can be imagined on, by kind. */
const rowOptions = (chosen: string) =>
  gpuKinds
    .filter(kind => kind !== 'software')
    .map(
      kind => html`<optgroup label=${kind}>
        ${gpuRows.filter(row => row.kind === kind).map(({ name }) => html`<option ?selected=${name === chosen}>${name}</option>`)}
      </optgroup>`,
    );

/** The number in a field; undefined where it is empty. */
function given(form: FormData, name: string): number | undefined {
  const text = form.get(name);
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : undefined;
}

function chosenGpu(form: FormData, { gpu }: EnergySettings): GpuChoice {
  switch (form.get('gpu')) {
    case 'row':
      return { kind: 'row', name: String(form.get('row')) };
    case 'watts': {
      const idle = given(form, 'idle');
      return {
        kind: 'watts',
        watts: given(form, 'watts') ?? Number.NaN,
        ...(idle !== undefined && { idle }),
      };
    }
    case 'wall':
      return gpu;
    default:
      return { kind: 'recognised' };
  }
}

/** A number that is not the chosen place's is the user's own. */
function gridIn(form: FormData): Pick<EnergySettings, 'gramsPerKwh' | 'place'> {
  const gramsPerKwh = given(form, 'grams') ?? usualSettings.gramsPerKwh;
  const grid = grids.find(({ place }) => place === form.get('place'));
  return { gramsPerKwh, place: grid?.gramsPerKwh === gramsPerKwh ? grid.place : words.ownGrid };
}

customElements.define('isobar-energy', EnergyPanel);
