/**
 * `<isobar-plan>`: a step of a preset on GPUs and links of the table, predicted from the plan that would run. What is asked
 * stands in the address; each change is worked out at once.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { meshName } from '../../mesh/mesh.ts';
import { gpuChoices, linkChoices, precisionsOf } from '../../session/api/machine-names.ts';
import type { MachineOrder, MachineReport } from '../../session/api/machine-report.ts';
import { presets } from '../../session/api/presets.ts';
import {
  copiesCells,
  copiesHead,
  copiesTitle,
  machineSentences,
  meshesCells,
  meshesHead,
  meshesTitle,
} from '../../show/machine-words.ts';
import { createLineChart, type LineChart } from '../chart.ts';
import { LightElement } from '../light-element.ts';
import { meshIn } from './plan-order.ts';
import { words } from './words.ts';

export class PlanView extends LightElement {
  static override readonly properties = {
    order: { attribute: false },
    report: { state: true },
    fault: { state: true },
    isWorking: { state: true },
  };

  declare order: MachineOrder;
  /** Predicts. */
  declare machines: (order: MachineOrder) => Promise<MachineReport>;
  /** Something else is asked. */
  declare onOrder: (order: MachineOrder) => void;
  declare report: MachineReport | undefined;
  declare fault: string;
  declare isWorking: boolean;
  #chart: LineChart | undefined;

  constructor() {
    super();
    this.fault = '';
    this.isWorking = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('order')) void this.#work(this.order);
  }

  protected override updated(changed: PropertyValues): void {
    const place = this.querySelector<HTMLElement>('.plan-curve');
    if (!place) return;
    this.#chart ??= createLineChart(place, () => ({
      curves: [{ label: words.efficiency, colour: '--model', points: this.#efficiency(), dots: true }],
      xTitle: words.gpus,
      yTitle: words.unit,
      logarithmic: false,
      whenEmpty: '',
    }));
    if (changed.has('report')) this.#chart.refresh();
  }

  #efficiency() {
    return (this.report?.copies ?? []).map(({ ranks, efficiency }) => ({ x: ranks, y: 100 * efficiency }));
  }

  async #work(order: MachineOrder): Promise<void> {
    this.isWorking = true;
    const [report, fault] = await this.machines(order).then(
      found => [found, ''] as const,
      (cause: Error) => [undefined, cause.message] as const,
    );
    // Something else was asked meanwhile.
    if (order !== this.order) return;
    this.isWorking = false;
    this.report = report;
    this.fault = fault;
  }

  readonly #changed = (event: Event) => {
    const form = event.currentTarget as HTMLFormElement;
    const value = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value;
    const mesh = meshIn(value('mesh'), value('copies'));
    if (!mesh) {
      this.fault = words.noMesh(value('mesh'));
      return;
    }
    const gpu = value('gpu');
    const precision = precisionsOf(gpu).find(name => name === value('precision')) ?? 'f32';
    this.onOrder({ preset: value('preset'), mesh, gpu, link: value('link'), precision });
  };

  protected override render() {
    const { order, report } = this;
    return html`<section class="panel plan" aria-labelledby="plan-title">
      <h2 id="plan-title">${words.title}</h2>
      <p>${words.intro}</p>
      <form class="plan-form" @change=${this.#changed} @submit=${(event: Event) => event.preventDefault()}>
        ${choice('preset', words.model, Object.keys(presets), order.preset, name => presets[name].label)}
        <label class="field"><span>${words.mesh}</span><input name="mesh" type="text" data-testid="plan-mesh" size="5" .value=${meshName({ ...order.mesh, replicas: 1 })} /></label>
        <label class="field"><span>${words.copies}</span><input name="copies" data-testid="plan-copies" type="number" min="1" max="4096" .value=${`${order.mesh.replicas}`} /></label>
        ${choice('gpu', words.gpu, gpuChoices, order.gpu)}
        ${choice('link', words.link, linkChoices, order.link, name => words.links[name] ?? name)}
        ${choice('precision', words.precision, precisionsOf(order.gpu), order.precision)}
      </form>
      <p class="plan-fault" role="alert" data-testid="plan-fault">${this.fault}</p>
      <p class="caption" role="status">${this.isWorking ? words.working : ''}</p>
      ${report && this.fault === '' ? found(report) : nothing}
      <div class="chart plan-curve" role="img" aria-label=${words.curve} ?hidden=${!report || this.fault !== ''}></div>
      ${report && this.fault === '' ? tables(report) : nothing}
    </section>`;
  }
}

const choice = (
  name: string,
  label: string,
  names: readonly string[],
  chosen: string,
  text = (value: string) => value,
) => html`<label class="field"><span>${label}</span>
  <select name=${name} data-testid="plan-${name}">
    ${repeat(
      names,
      each => each,
      each => html`<option value=${each} ?selected=${each === chosen}>${text(each)}</option>`,
    )}
  </select></label>`;

function found(report: MachineReport) {
  const [about, assumed, ...facts] = machineSentences(report);
  return html`<p class="caption">${about}</p>
    <ul class="plan-facts" data-testid="plan-facts">${facts.map(fact => html`<li>${fact}.</li>`)}</ul>
    <p data-testid="plan-reason"><b>${report.reason}</b></p>
    <p class="caption">${assumed}</p>`;
}

const tables = ({ predicted: { mesh }, copies, meshes }: MachineReport) =>
  html`${table(copiesTitle(mesh), copiesHead, copies.map(copiesCells))}
    ${table(meshesTitle(mesh), meshesHead, meshes.map(meshesCells))}`;

const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[]) =>
  html`<h3>${title}</h3>
    <div class="table-scroll" tabindex="0" role="region" aria-label=${title}>
      <table class="scores">
        <thead><tr>${head.map(cell => html`<th scope="col">${cell}</th>`)}</tr></thead>
        <tbody>${rows.map(row => html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`)}</tbody>
      </table>
    </div>`;

customElements.define('isobar-plan', PlanView);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-plan': PlanView;
  }
}
