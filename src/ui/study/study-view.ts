/** The view of studies: those that this page trains and those that are open, what their runs say, and their plots over each other. */
import { html, nothing } from 'lit';
import { fitSentences, groupCells, studyHead } from '../../show/study-words.ts';
import type { ModelAnalysis } from '../../study/analysis.ts';
import { plotsOf, sourcesOf } from '../../study/plots.ts';
import type { StudyRow } from '../../study/study-row.ts';
import { LightElement } from '../light-element.ts';
import './study-chart.ts';
import type { DeskView } from './study-desk.ts';
import './study-runner.ts';
import { words } from './words.ts';

export interface ShownStudy {
  /** Of its file. */
  readonly name: string;
  readonly rows: readonly StudyRow[];
}

export class StudyView extends LightElement {
  static override readonly properties = {
    desk: { attribute: false },
    studies: { attribute: false },
    refusal: { attribute: false },
  };

  /** What this page trains; its rows are shown with the others. */
  declare desk: DeskView | undefined;
  declare studies: readonly ShownStudy[];
  /** Why a file was not opened. */
  declare refusal: string | undefined;
  /** Files that the user has chosen. */
  declare onFiles: (files: readonly File[]) => void;
  declare onExample: () => void;
  declare onRemove: (study: ShownStudy) => void;

  constructor() {
    super();
    this.studies = [];
  }

  protected override render() {
    const { studies, desk } = this;
    const own = (desk?.studies ?? []).filter(({ rows }) => rows.length > 0);
    const shown = [...own.map(({ study: { name }, rows }) => ({ name, rows })), ...studies];
    const sources = sourcesOf(shown);
    const plots = plotsOf(sources);
    return html`<section class="panel study" aria-labelledby="study-title">
      <h2 id="study-title">${words.title}</h2>
      <p>${words.intro}</p>
      <isobar-study-runner .desk=${desk}></isobar-study-runner>
      <h3>${words.results}</h3>
      <p class="study-acts">
        <button type="button" class="secondary" @click=${this.#choose}>${words.open}</button>
        <input type="file" hidden multiple accept=".jsonl" data-testid="study-files" @change=${this.#chosen} />
        <button type="button" class="secondary" data-testid="study-example" @click=${() => this.onExample()}>${words.example}</button>
      </p>
      ${this.refusal === undefined ? nothing : html`<p role="alert" data-testid="study-refusal">${this.refusal}</p>`}
      ${
        shown.length === 0
          ? html`<p class="muted">${words.none}</p>`
          : html`<ul class="study-names">${studies.map(
              study =>
                html`<li>${study.name} <button type="button" class="secondary" aria-label=${words.remove(study.name)} @click=${() => this.onRemove(study)}>×</button></li>`,
            )}</ul>`
      }
      ${sources.map(({ name, analysis }) => this.#analysis(name, analysis))}
      <div class="study-plots">${plots.map(plot => html`<isobar-study-chart data-plot=${plot.id} .plot=${plot}></isobar-study-chart>`)}</div>
    </section>`;
  }

  #analysis(name: string, analysis: ModelAnalysis) {
    return html`<section data-testid="study-analysis">
      <h3>${name}</h3>
      <p>${words.runs(analysis.runs, analysis.scoreName, analysis.scoreBetter)} ${words.spread}</p>
      ${fitSentences(analysis).map(sentence => html`<p>${sentence}</p>`)}
      <div class="table-scroll" tabindex="0" role="region" aria-label=${name}>
        <table>
          <thead><tr>${studyHead.map(title => html`<th scope="col" class="num">${title}</th>`)}</tr></thead>
          <tbody>${analysis.groups.map(group => html`<tr>${groupCells(group).map(cell => html`<td class="num">${cell}</td>`)}</tr>`)}</tbody>
        </table>
      </div>
    </section>`;
  }

  readonly #choose = () => this.querySelector<HTMLInputElement>('[data-testid="study-files"]')?.click();

  readonly #chosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    this.onFiles([...(input.files ?? [])]);
    input.value = '';
  };
}

customElements.define('isobar-study', StudyView);
