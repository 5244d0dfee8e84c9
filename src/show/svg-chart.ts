/** Line charts as SVG text, for a report that needs no script. */
import { plotOf } from './line-plot.ts';

export interface Series {
  readonly name: string;
  readonly colour: string;
  /** [x, y], x ascending; points that are not finite are left out. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly logarithmic?: boolean;
  /** A horizontal line to compare with. */
  readonly level?: number;
}

const area = { width: 640, height: 300, left: 64, right: 12, top: 28, bottom: 40 };

/** The chart as an `<svg>` element; empty text where no point can be drawn. */
export function lineChart({ title, xLabel, yLabel, series, logarithmic = false, level }: Chart): string {
  const plot = plotOf(
    series.map(({ points }) => points),
    { area, logarithmic, level },
  );
  if (!plot) return '';
  const { x, y, xTicks, yTicks } = plot;
  const { width, height } = area;
  const drawn = series
    .map(({ name, colour }, i) => ({ name, colour, points: plot.points[i] }))
    .filter(({ points }) => points.length > 0);
  const bottom = height - area.bottom;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
<text x="${area.left}" y="16" class="title">${escapeHtml(title)}</text>
${yTicks.map(t => `<path class="grid" d="M${area.left} ${y(t).toFixed(1)}H${width - area.right}"/><text x="${area.left - 6}" y="${(y(t) + 4).toFixed(1)}" text-anchor="end">${shortNumber(t)}</text>`).join('\n')}
${xTicks
  .map(t => `<text x="${x(t).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${shortNumber(t)}</text>`)
  .join('\n')}
<text x="${(area.left + width - area.right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xLabel)}</text>
<text transform="translate(14 ${(area.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>
${level === undefined ? '' : `<path class="level" d="M${area.left} ${y(level).toFixed(1)}H${width - area.right}"/>`}
${drawn.map(s => `<path fill="none" stroke="${s.colour}" stroke-width="1.6" d="M${s.points.map(p => `${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join('L')}"/>`).join('\n')}
</svg>
<p class="legend">${drawn.map(s => `<span style="color:${s.colour}">&#9632;</span> ${escapeHtml(s.name)}`).join(' &ensp; ')}</p>`;
}

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

export const shortNumber = (value: number) => String(Number(value.toPrecision(3)));
