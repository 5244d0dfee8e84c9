/**
 * What the line charts have in common: drawn as SVG in the colours of the style sheet, at a calm rate, with a reading of the
 * values at the pointer, or by the arrow keys.
 */
import { html, nothing, render, svg } from 'lit';
import { count, fieldNumber, withMinus, withSpaces } from '../show/format.ts';
import { type Plot, type PlotArea, type PlotPoint, plotOf } from '../show/line-plot.ts';
import type { Point } from '../show/series.ts';

/** At most four redraws a second. */
const redrawMilliseconds = 250;

export interface Curve {
  readonly label: string;
  /** Custom property of the style sheet that holds the colour, such as `--model`. */
  readonly colour: string;
  readonly points: readonly Point[];
  readonly width?: number;
  readonly dashed?: boolean;
  /** Lengths of its dashes and gaps, where they tell it apart from others. */
  readonly dash?: string;
  readonly dots?: boolean;
  /** Left out of the legend. */
  readonly quiet?: boolean;
}

export interface ChartContent {
  readonly curves: readonly Curve[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logarithmic: boolean;
  /** Shown instead of a chart without points. */
  readonly whenEmpty: string;
  /** Distance of the ticks below; by default round numbers. */
  readonly xStep?: number;
}

export interface LineChart {
  /** Draws what `content` gives, soon: calls in quick succession are drawn once. */
  refresh(): void;
}

const margins = { left: 52, right: 12, top: 8, bottom: 34 };
/** Of a line of the legend, in pixels. */
const legendLine = 18;

/** A line chart that fills `place`, and asks `content` what to show whenever it is refreshed. */
export function createLineChart(place: HTMLElement, content: () => ChartContent): LineChart {
  let due = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The value of x that is read. */
  let reading: number | undefined;

  const draw = () => {
    timer = undefined;
    due = performance.now() + redrawMilliseconds;
    const now = content();
    place.dataset.points = String(Math.max(0, ...now.curves.map(c => c.points.length)));
    const { area, plot } = plotIn(place, now);
    place.tabIndex = plot ? 0 : -1;
    render(plot ? chart(now, plot, area, reading) : empty(now), place);
  };
  const refresh = () => {
    if (timer === undefined) timer = setTimeout(draw, Math.max(0, due - performance.now()));
  };
  const read = (x: number | undefined) => {
    reading = x;
    draw();
  };
  /** All values of x that something is drawn at. */
  const places = () =>
    [...new Set(content().curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort(byNumber);
  place.addEventListener('pointermove', event => {
    const { plot } = plotIn(place, content());
    if (!plot) return;
    const at = event.clientX - place.getBoundingClientRect().left;
    const near = (x: number) => Math.abs(plot.x(x) - at);
    read(
      places().reduce<number | undefined>(
        (best, x) => (best === undefined || near(x) < near(best) ? x : best),
        undefined,
      ),
    );
  });
  place.addEventListener('pointerleave', () => read(undefined));
  place.addEventListener('blur', () => read(undefined));
  place.addEventListener('keydown', event => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const all = places();
    const at = reading === undefined ? (by < 0 ? all.length : -1) : all.indexOf(reading);
    read(all[Math.min(all.length - 1, Math.max(0, at + by))]);
  });
  new ResizeObserver(refresh).observe(place);
  draw();
  return { refresh };
}

const byNumber = (a: number, b: number) => a - b;
const pointsOf = ({ points }: Curve): PlotPoint[] => points.map(({ x, y }) => [x, y]);

const inLegend = ({ curves }: ChartContent) =>
  curves.filter(({ quiet, points }) => !quiet && points.length > 0);

/** What is drawn, and where: below its legend. */
function plotIn(place: HTMLElement, now: ChartContent): { readonly area: PlotArea; readonly plot?: Plot } {
  // A view that is not shown has no size; it is drawn when it has one.
  const width = Math.max(160, place.clientWidth);
  const letters = inLegend(now).reduce((sum, { label }) => sum + label.length + 6, 0);
  const lines = Math.ceil((6.2 * letters) / width);
  const top = lines === 0 ? margins.top : legendLine * lines;
  const area = { width, height: Math.max(80, place.clientHeight), ...margins, top };
  const plot = plotOf(now.curves.map(pointsOf), {
    area,
    logarithmic: now.logarithmic,
    xStep: now.xStep,
    roundEnds: true,
  });
  return { area, plot };
}

const empty = ({ whenEmpty }: ChartContent) =>
  whenEmpty ? html`<p class="chart-empty caption">${whenEmpty}</p>` : nothing;

function chart(now: ChartContent, plot: Plot, area: PlotArea, reading: number | undefined) {
  const { curves, xTitle, yTitle } = now;
  const { x, y, xTicks, yTicks } = plot;
  const { width, height, left, right, top } = area;
  const bottom = height - area.bottom;
  const named = inLegend(now);
  return html`
    <svg viewBox="0 0 ${width} ${height}" class="plot" aria-hidden="true">
      ${yTicks.map(
        tick => svg`
          <path class="grid" d="M${left} ${y(tick)}H${width - right}" />
          <text x=${left - 6} y=${y(tick) + 4} text-anchor="end">${tickText(tick)}</text>`,
      )}
      ${xTicks.map(tick => svg`<text x=${x(tick)} y=${bottom + 15} text-anchor="middle">${tickText(tick)}</text>`)}
      <text x=${width - right} y=${height - 4} text-anchor="end">${xTitle}</text>
      <text x=${left} y=${height - 4}>${yTitle}</text>
      ${curves.map((curve, i) => drawn(curve, plot.points[i], plot))}
      ${reading === undefined ? nothing : svg`<path class="reading" d="M${x(reading)} ${top}V${bottom}" />`}
    </svg>
    ${named.length === 0 ? nothing : html`<p class="chart-legend">${named.map(({ label, colour, dashed }) => html`<span>${key(colour, dashed)} ${label}</span>`)}</p>`}
    <output class="chart-reading">${reading === undefined ? '' : wordsAt(curves, xTitle, reading)}</output>
  `;
}

const key = (colour: string, dashed = false) =>
  html`<svg viewBox="0 0 18 6" width="18" height="6" aria-hidden="true"><path d="M0 3H18" stroke="var(${colour})" stroke-width="2.5" stroke-dasharray=${dashed ? '5 3' : 'none'} /></svg>`;

function drawn(
  { colour, width = 2, dashed, dash = dashed ? '6 4' : 'none', dots }: Curve,
  points: readonly PlotPoint[],
  { x, y }: Plot,
) {
  if (points.length === 0) return nothing;
  const line = points.map(([px, py]) => `${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('L');
  return svg`
    <path fill="none" stroke="var(${colour})" stroke-width=${width} stroke-dasharray=${dash} d="M${line}" />
    ${dots ? points.map(([px, py]) => svg`<circle fill="var(${colour})" cx=${x(px)} cy=${y(py)} r="2.5" />`) : nothing}`;
}

const tickText = (value: number) => withSpaces(withMinus(String(Number(value.toPrecision(4)))));

/** The values of all curves where they have one at x. */
function wordsAt(curves: readonly Curve[], xTitle: string, x: number): string {
  const values = curves.flatMap(({ label, points }) => {
    const point = points.find(other => other.x === x);
    return point ? `${label} ${fieldNumber(point.y, 4)}` : [];
  });
  return `${xTitle} ${count(x)}: ${values.join(', ')}`;
}
