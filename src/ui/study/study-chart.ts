/** A plot of a study: points of every model, card or study, and the lines of fits, with all its values as a table. */
import {
  Chart,
  type ChartDataset,
  Legend,
  LinearScale,
  LineElement,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js';
import { html } from 'lit';
import { fieldNumber } from '../../show/format.ts';
import type { StudyPlot } from '../../study/plots.ts';
import { LightElement } from '../light-element.ts';
import { words } from './words.ts';

Chart.register(ScatterController, PointElement, LineElement, LinearScale, Legend, Tooltip);

/** Told apart by shape as well as by colour. */
const looks = [
  { colour: '--model', shape: 'circle' },
  { colour: '--first-baseline', shape: 'rect' },
  { colour: '--second-baseline', shape: 'triangle' },
  { colour: '--better', shape: 'rectRot' },
] as const;

export class StudyChart extends LightElement {
  static override readonly properties = { plot: { attribute: false } };

  declare plot: StudyPlot;
  #chart: Chart<'scatter'> | undefined;
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  readonly #redraw = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#scheme.addEventListener('change', this.#redraw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#scheme.removeEventListener('change', this.#redraw);
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  protected override render() {
    const { title, xLabel, yLabel, sets } = this.plot;
    return html`<figure class="study-plot">
      <figcaption>${title}</figcaption>
      <div class="study-canvas"><canvas role="img" aria-label=${`${title}: ${yLabel} by ${xLabel}`}></canvas></div>
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
      </details>
    </figure>`;
  }

  protected override updated(): void {
    const canvas = this.querySelector('canvas');
    if (!canvas) return;
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const { xLabel, yLabel, logarithmicX } = this.plot;
    const at = ([x, y]: readonly [number, number]) => ({ x: logarithmicX ? Math.log2(x) : x, y });
    const datasets = this.plot.sets.flatMap(({ name, points, line }, i): ChartDataset<'scatter'>[] => {
      const look = looks[i % looks.length];
      const ink = colour(look.colour);
      const dots: ChartDataset<'scatter'> = {
        label: name,
        data: points.map(at),
        pointStyle: look.shape,
        pointRadius: 5,
        backgroundColor: ink,
        borderColor: ink,
      };
      if (!line) return [dots];
      return [
        dots,
        { label: `${name}, fit`, data: line.map(at), showLine: true, pointRadius: 0, borderColor: ink },
      ];
    });
    this.#chart?.destroy();
    const scale = (text: string) => ({
      title: { display: true, text, color: colour('--muted') },
      ticks: { color: colour('--muted') },
      grid: { color: colour('--line') },
    });
    this.#chart = new Chart<'scatter'>(canvas, {
      type: 'scatter',
      data: { datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: {
          x: {
            type: 'linear',
            ...scale(xLabel),
            ...(logarithmicX && { ticks: powersOfTwo(colour('--muted')) }),
          },
          y: { type: 'linear', beginAtZero: true, ...scale(yLabel) },
        },
        plugins: { legend: { labels: { color: colour('--ink'), usePointStyle: true } } },
      },
    });
  }
}

/** Of an axis of logarithms to the base of two. */
const powersOfTwo = (color: string) => ({
  color,
  stepSize: 1,
  callback: (value: string | number) => String(2 ** Number(value)),
});

customElements.define('isobar-study-chart', StudyChart);
