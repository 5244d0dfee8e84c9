/** Points, and lines through them: where they lie, for page and report, and as SVG text, for a report that needs no script. */
import { type Plot, type PlotArea, plotOf } from './line-plot.ts';
import { escapeHtml, shortNumber } from './svg-chart.ts';

type Point = readonly [number, number];

export interface ScatterChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Powers of two lie evenly, and are the ticks. */
  readonly logarithmicX: boolean;
  readonly sets: readonly {
    readonly name: string;
    readonly points: readonly Point[];
    readonly line?: readonly [Point, Point];
  }[];
}

/** Below the plot, a line a set. */
const legendLine = 18;
const area = { width: 640, height: 300, left: 64, right: 12, top: 28, bottom: 40 };

/** Told apart by shape, too: dark blue, orange, green, purple of the palette of Okabe and Ito (2008), which colour-blind people tell apart. */
const looks = [
  { colour: '#0072b2', shape: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0' },
  { colour: '#d55e00', shape: 'M-4-4h8v8h-8z' },
  { colour: '#009e73', shape: 'M0-5l5 9h-10z' },
  { colour: '#cc79a7', shape: 'M0-5l5 5l-5 5l-5-5z' },
];

/** A set with its points and the ends of its line in pixels, and which of the looks is its own. */
export interface PlacedSet {
  readonly name: string;
  readonly look: number;
  /** Around the origin. */
  readonly shape: string;
  readonly points: readonly Point[];
  readonly line: readonly Point[];
}

export interface ScatterPlot extends Plot {
  readonly sets: readonly PlacedSet[];
  /** As the values of the ticks below are told. */
  readonly xTickValue: (tick: number) => number;
}

/** @returns undefined where no point can be drawn */
export function scatterPlot(
  { logarithmicX, sets }: Pick<ScatterChart, 'logarithmicX' | 'sets'>,
  area: PlotArea,
): ScatterPlot | undefined {
  const place = ([x, y]: Point): Point => [logarithmicX ? Math.log2(x) : x, y];
  const all = sets.flatMap(({ points, line = [] }) => [...points, ...line]).map(place);
  // Efficiencies and energies are read against nothing: the axis begins there.
  const plot = plotOf([all], { area, level: 0, ...(logarithmicX && { xStep: 1 }) });
  if (!plot) return undefined;
  const inPixels = (point: Point): Point => {
    const [x, y] = place(point);
    return [plot.x(x), plot.y(y)];
  };
  return {
    ...plot,
    xTickValue: tick => (logarithmicX ? 2 ** tick : tick),
    sets: sets.flatMap(({ name, points, line = [] }, i) =>
      points.length === 0
        ? []
        : [
            {
              name,
              look: i % looks.length,
              shape: looks[i % looks.length].shape,
              points: points.map(inPixels),
              line: line.map(inPixels),
            },
          ],
    ),
  };
}

/** The chart as an `<svg>` element; empty text where no point can be drawn. */
export function scatterChart(chart: ScatterChart): string {
  const { title, xLabel, yLabel } = chart;
  const plot = scatterPlot(chart, area);
  if (!plot) return '';
  const { x, y, xTicks, yTicks, xTickValue } = plot;
  const { width, height } = area;
  const bottom = height - area.bottom;
  const drawn = plot.sets.map(set => ({ ...set, colour: looks[set.look].colour }));
  const at = ([px, py]: Point) => `${px.toFixed(1)} ${py.toFixed(1)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + legendLine * drawn.length + 6}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escapeHtml(title)}">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${area.left}" y="16" class="title">${escapeHtml(title)}</text>
${yTicks.map(t => `<path class="grid" stroke="#ccc" d="M${area.left} ${y(t).toFixed(1)}H${width - area.right}"/><text x="${area.left - 6}" y="${(y(t) + 4).toFixed(1)}" text-anchor="end">${shortNumber(t)}</text>`).join('\n')}
${xTicks.map(t => `<text x="${x(t).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${shortNumber(xTickValue(t))}</text>`).join('\n')}
<text x="${(area.left + width - area.right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xLabel)}</text>
<text transform="translate(14 ${(area.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>
${drawn.map(({ colour, line }) => (line.length > 0 ? `<path fill="none" stroke="${colour}" stroke-width="1.6" d="M${line.map(at).join('L')}"/>` : '')).join('\n')}
${drawn.map(({ colour, shape, points }) => points.map(point => `<path fill="${colour}" fill-opacity="0.75" transform="translate(${at(point)})" d="${shape}"/>`).join('')).join('\n')}
${drawn.map(({ name, colour, shape }, i) => `<path fill="${colour}" transform="translate(${area.left + 5} ${height + 10 + legendLine * i})" d="${shape}"/><text x="${area.left + 16}" y="${height + 14 + legendLine * i}">${escapeHtml(name)}</text>`).join('\n')}
</svg>`;
}
