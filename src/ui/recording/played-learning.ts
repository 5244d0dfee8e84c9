/**
 * `<isobar-played-learning>`: how a recorded run got on. Property: `state`, of the page. Sends `isobar-open-results` where
 * the run's results are wanted.
 */
import { html, nothing } from 'lit';
import { type Score, scoreGroups } from '../../session/api/api.ts';
import { fieldNumber, prettyUnits, unitSpace } from '../../show/format.ts';
import { createLineChart, type LineChart } from '../chart.ts';
import { LightElement } from '../light-element.ts';
import { emptyPage, type PageState } from '../page-state.ts';
import { words } from './words.ts';

export class PlayedLearning extends LightElement {
  static override properties = { state: { attribute: false } };
  declare state: PageState;
  #chart: LineChart | undefined;

  constructor() {
    super();
    this.state = emptyPage();
  }

  protected override render() {
    const loss = this.state.losses.series.points().at(-1)?.y;
    return html`
      <header class="panel-head">
        <h2>${words.learning}</h2>
        <button type="button" class="secondary small" data-testid="played-results" ?hidden=${!this.state.info} @click=${this.#openResults}>${words.results}</button>
      </header>
      <section>
        <header class="panel-head">
          <h3>${words.loss} <output class="figure" data-testid="played-loss" aria-live="off">${loss === undefined ? '' : fieldNumber(loss)}</output></h3>
        </header>
        <div class="chart" data-testid="played-loss-chart" role="img" aria-label=${words.lossChart}></div>
      </section>
      ${this.#scores(this.state.validation.at(-1)?.scores ?? [])}
    `;
  }

  protected override updated(): void {
    const place = this.querySelector<HTMLElement>('.chart');
    if (!place) return;
    this.#chart ??= createLineChart(place, () => {
      const { series } = this.state.losses;
      return {
        curves: [
          { label: 'each step', colour: '--model-faint', points: series.points(), width: 1, quiet: true },
          { label: 'smoothed', colour: '--model', points: series.smoothed(), width: 2.5, quiet: true },
        ],
        xTitle: 'step',
        yTitle: 'loss',
        logarithmic: true,
        whenEmpty: words.noLoss,
      };
    });
    this.#chart.refresh();
  }

  readonly #openResults = () => this.dispatchEvent(new CustomEvent('isobar-open-results', { bubbles: true }));

  /** The main scores of what comes first, each beside what it has to beat. */
  #scores(scores: readonly Score[]) {
    const groups = scoreGroups(scores);
    const own = groups.filter(({ of }) => of?.name === groups[0].of?.name).slice(0, 4);
    if (own.length === 0) return nothing;
    const [{ main }] = own;
    return html`<table class="played-scores" data-testid="played-scores">
      <caption>${words.validation}: ${main.label}${main.of ? `, ${main.of.label}` : ''}${unitsOf(main)}</caption>
      <thead>
        <tr>
          <th scope="col">${main.at?.axis ?? words.score}</th>
          <th scope="col">${words.model}</th>
          ${main.baselines.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${own.map(
          ({ at, main: { value, baselines } }) => html`<tr>
            <th scope="row">${at ? `${at.value}${unitSpace}${at.units}` : main.label}</th>
            <td>${fieldNumber(value)}</td>
            ${baselines.map(baseline => html`<td>${fieldNumber(baseline.value)}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>`;
  }
}

const unitsOf = ({ units }: Score) => (prettyUnits(units) ? `, ${prettyUnits(units)}` : '');

customElements.define('isobar-played-learning', PlayedLearning);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-played-learning': PlayedLearning;
  }
}
