/**
 * The energy of the run: power over time, joules a sample, watt-hours so far, the whole run on another GPU; and what the user
 * may say of it, up to a calibration with a wall meter.
 *
 * It sends `isobar-energy-settings`, a bubbling CustomEvent<EnergySettings>, with settings that make sense.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { type Band, times } from '../../energy/band.ts';
import { elsewhere } from '../../energy/elsewhere.ts';
import { wattHours } from '../../energy/meter.ts';
import type { EnergySettings } from '../../energy/settings.ts';
import type { EnergySummary } from '../../show/energy-summary.ts';
import { bandText, evidenceText, hostText, loadText } from '../../show/energy-words.ts';
import { duration } from '../../show/format.ts';
import { createLineChart, type LineChart } from '../chart.ts';
import { LightElement } from '../light-element.ts';
import type { EnergyView } from './page-energy.ts';
import { checked, given, numberField, rowOptions, settingsForm, usualElsewhere } from './settings-form.ts';
import { words } from './words.ts';

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
    const { hosts, joulesPerSample, grams, gramsPerKwh, place, machines } = summary;
    const { seconds, samples, trainingSeconds } = summary;
    const whole = joulesPerSample && times(summary.wattHours, (steps * batch) / samples);
    const beside = seconds - trainingSeconds;
    const scoring = beside >= 1 ? words.besides(duration(beside)) : '';
    const fact = (name: string, title: string, value: string) =>
      html`<div><dt>${title}</dt><dd data-testid="energy-${name}">${value}</dd></div>`;
    return html`
      ${machines.length > 1 ? nothing : gpuLines(summary)}
      <dl class="facts">
        ${watts ? fact('watts', words.now, bandText(watts, 'W')) : nothing}
        ${joulesPerSample ? fact('sample', words.sample, bandText(joulesPerSample, 'J')) : nothing}
        ${fact('so-far', words.soFar, `${bandText(summary.wattHours, 'Wh')} in ${duration(seconds)}${scoring}`)}
        ${whole ? fact('whole', words.whole, bandText(whole, 'Wh')) : nothing}
        ${fact('grams', words.grams, `${bandText(grams, 'g')} at ${gramsPerKwh} g/kWh (${place})`)}
      </dl>
      ${machines.length > 1 ? machineRows(summary) : nothing}
      <p class="caption">${words.estimate} ${machines.length > 1 ? nothing : words.beside(hosts.map(hostText).join('; '))}</p>
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
    return html`
      <details class="explain">
        <summary>${words.settings}</summary>
        ${settingsForm({ settings, take: this.#take })}
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
            <li>${words.stepLoad}<label class="field"><span>${words.underLoad}</span>${numberField('load', words.underLoad)}</label></li>
          </ol>
          <button type="submit" class="secondary" ?disabled=${!training}>${words.keepLoad}</button>
          ${training ? nothing : html`<span class="caption">${words.needsLoad}</span>`}
        </form>
      </details>
    `;
  }

  #calibrate(event: SubmitEvent): void {
    event.preventDefault();
    const { view } = this;
    if (!(event.target instanceof HTMLFormElement) || !view) return;
    const form = new FormData(event.target);
    const { activity = { low: 0, central: 0, high: 0 } } = view;
    this.#take(
      checked(() => ({
        ...view.settings,
        gpu: {
          kind: 'wall',
          idleWatts: given(form, 'rest') ?? Number.NaN,
          loadWatts: given(form, 'load') ?? Number.NaN,
          activity,
        },
      })),
    );
  }

  /** Sends what makes sense; says of the rest what does not. */
  readonly #take = (said: EnergySettings | string): void => {
    this.fault = typeof said === 'string' ? said : '';
    if (typeof said === 'string') return;
    this.dispatchEvent(
      new CustomEvent<EnergySettings>('isobar-energy-settings', { bubbles: true, detail: said }),
    );
  };
}

const gpuLines = ({ gpus, load, sources }: EnergySummary) =>
  gpus.map(
    ({ name, evidence }) =>
      html`<p class="energy-gpu"><strong>${name}</strong> <span class="caption">${evidenceText(evidence, load, sources)}</span></p>`,
  );

/** A row for each machine, those that have left too: they add up to what the run has taken. */
const machineRows = ({ machines, load, sources }: EnergySummary) => html`
  <h3>${words.machines}</h3>
  <ul class="energy-machines" data-testid="energy-machines">
    ${machines.map(
      ({ name, ranks, gpus, rest, watts, wattHours: taken }) => html`<li ?data-left=${ranks.length === 0}>
        <dl class="facts">
          <div><dt><strong>${name}</strong>, ${words.ranks(ranks)}</dt><dd>${watts ? bandText(watts, 'W') : nothing}</dd></div>
          <div><dt>${words.soFar}</dt><dd>${bandText(taken, 'Wh')}</dd></div>
        </dl>
        <p class="caption">${gpus.map(gpu => html`${gpu.name}: ${gpu.evidence}; `)}${hostText(rest)}</p>
      </li>`,
    )}
  </ul>
  <p class="caption">${words.load(loadText(load, sources))}</p>
`;

customElements.define('isobar-energy', EnergyPanel);
