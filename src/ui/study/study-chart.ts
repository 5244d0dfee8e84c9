/** A plot of a study: points of every model, card or study, and the lines of fits, with all its values as a table and as a file. */
import { html, nothing, svg } from 'lit';
import { fieldNumber } from '../../show/format.ts';
import { type PlacedSet, scatterChart, scatterPlot } from '../../show/scatter-chart.ts';
import { shortNumber } from '../../show/svg-chart.ts';
import type { StudyPlot } from '../../study/plots.ts';
import { LightElement } from '../light-element.ts';
import { save } from '../timeline/save.ts';
import { words } from './words.ts';

const area = { width: 480, height: 260, left: 56, right: 22, top: 12, bottom: 40 };

/** Sets are told apart by shape as well. */
const colours = ['--model', '--first-baseline', '--better', '--second-baseline'];

export class StudyChart extends LightElement {
  static override readonly properties = { plot: { attribute: false } };

  declare plot: StudyPlot;

  protected override render() {
    const { title, xLabel, yLabel, sets } = this.plot;
    return html`<figure class="study-plot">
      <figcaption>${title}</figcaption>
      ${this.#drawing()}
      <details>
        <summary>${words.values}</summary>
        <div class="table-scroll" tabindex="0" role="region" aria-label=${title}>
          <table>
            <thead><tr><th scope="col"></th><th scope="col" class="num">${xLabel}</th><th scope="col" class="num">${yLabel}</th></tr></thead>
            <tbody>${sets.flatMap(({ name, points }) =>
              points.map(
                ([x, y]) =>
                  html`<tr><td>${name}</td><td class="num">${fieldNumber(x)}</td><td class="num">${fieldNumber(y)}</td></tr>`,
              ),
            )}</tbody>
          </table>
        </div>
        <button type="button" class="secondary" @click=${this.#save}>${words.savePlot}</button>
      </details>
    </figure>`;
  }

  #drawing() {
    const { title, xLabel, yLabel } = this.plot;
    const plot = scatterPlot(this.plot, area);
    if (!plot) return nothing;
    const { x, y, xTicks, yTicks, xTickValue, sets } = plot;
    const { width, height, left, right, top } = area;
    const bottom = height - area.bottom;
    return html`<svg class="study-drawing" viewBox="0 0 ${width} ${height}" role="img" aria-label=${`${title}: ${yLabel} by ${xLabel}`}>
        ${yTicks.map(
          tick => svg`<path class="grid" d="M${left} ${y(tick)}H${width - right}" />
            <text x=${left - 6} y=${y(tick) + 4} text-anchor="end">${shortNumber(tick)}</text>`,
        )}
        ${xTicks.map(
          tick =>
            svg`<text x=${x(tick)} y=${bottom + 15} text-anchor="middle">${shortNumber(xTickValue(tick))}</text>`,
        )}
        <text x=${(left + width - right) / 2} y=${height - 6} text-anchor="middle">${xLabel}</text>
        <text transform="translate(12 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>
        ${sets.map(lineOf)}
        ${sets.map(set => set.points.map(([px, py]) => mark(set, `translate(${px} ${py})`)))}
      </svg>
      <p class="study-legend">${sets.map(
        set =>
          html`<span><svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">${mark(set)}</svg> ${set.name}</span>`,
      )}</p>`;
  }

  readonly #save = () => save(`${scatterChart(this.plot)}\n`, 'image/svg+xml', `${this.plot.id}.svg`);
}

const mark = ({ look, shape }: PlacedSet, place?: string) =>
  svg`<path fill="var(${colours[look]})" fill-opacity="0.8" transform=${place ?? nothing} d=${shape} />`;

const lineOf = ({ look, line }: PlacedSet) =>
  line.length === 0
    ? nothing
    : svg`<path fill="none" stroke="var(${colours[look]})" stroke-width="1.6" d="M${line.map(([x, y]) => `${x} ${y}`).join('L')}" />`;

customElements.define('isobar-study-chart', StudyChart);
