/** Line charts as SVG text, for a report that needs no script. */

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

const width = 640;
const height = 300;
const margin = { left: 64, right: 12, top: 28, bottom: 40 };
/** More points than pixels say nothing more. */
const maxPoints = width;

/** The chart as an `<svg>` element; empty text where no point can be drawn. */
export function lineChart({ title, xLabel, yLabel, series, logarithmic = false, level }: Chart): string {
  const drawn = series
    .map(({ points, ...rest }) => ({ ...rest, points: thin(points.filter(usable(logarithmic))) }))
    .filter(({ points }) => points.length > 0);
  const points = drawn.flatMap(s => s.points);
  if (points.length === 0) return '';

  const xs = extent(points.map(p => p[0]));
  const ys = extent([...points.map(p => p[1]), ...(level === undefined ? [] : [level])], logarithmic);
  const x = (value: number) =>
    margin.left + ((value - xs.low) / (xs.high - xs.low)) * (width - margin.left - margin.right);
  const place = logarithmic ? Math.log : (value: number) => value;
  const y = (value: number) => {
    const part = (place(value) - place(ys.low)) / (place(ys.high) - place(ys.low));
    return height - margin.bottom - part * (height - margin.top - margin.bottom);
  };

  const yTicks = logarithmic ? logTicks(ys.low, ys.high) : ticks(ys.low, ys.high);
  const bottom = height - margin.bottom;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
<text x="${margin.left}" y="16" class="title">${escapeHtml(title)}</text>
${yTicks.map(t => `<path class="grid" d="M${margin.left} ${y(t).toFixed(1)}H${width - margin.right}"/><text x="${margin.left - 6}" y="${(y(t) + 4).toFixed(1)}" text-anchor="end">${short(t)}</text>`).join('\n')}
${ticks(xs.low, xs.high)
  .map(t => `<text x="${x(t).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${short(t)}</text>`)
  .join('\n')}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xLabel)}</text>
<text transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>
${level === undefined ? '' : `<path class="level" d="M${margin.left} ${y(level).toFixed(1)}H${width - margin.right}"/>`}
${drawn.map(s => `<path fill="none" stroke="${s.colour}" stroke-width="1.6" d="M${s.points.map(p => `${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join('L')}"/>`).join('\n')}
</svg>
<p class="legend">${drawn.map(s => `<span style="color:${s.colour}">&#9632;</span> ${escapeHtml(s.name)}`).join(' &ensp; ')}</p>`;
}

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

const usable =
  (logarithmic: boolean) =>
  ([x, y]: readonly [number, number]) =>
    Number.isFinite(x) && Number.isFinite(y) && !(logarithmic && y <= 0);

/** Means of runs of neighbours, where there are more points than can be seen. */
function thin(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const size = Math.ceil(points.length / maxPoints);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    return [group[group.length - 1][0], group.reduce((sum, p) => sum + p[1], 0) / group.length] as const;
  });
}

/** Smallest and largest, opened where they are equal so that a scale can be made of them. */
function extent(values: readonly number[], logarithmic = false): { low: number; high: number } {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (low < high) return { low, high };
  return logarithmic ? { low: low / 2, high: high * 2 } : { low: low - 1, high: high + 1 };
}

/** About five round values between `low` and `high`. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find(f => f * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** 1, 2 and 5 times the powers of ten between `low` and `high`; finer where that gives fewer than two. */
function logTicks(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => 10 ** (from + i));
  const marks = powers.flatMap(power => [1, 2, 5].map(f => f * power)).filter(t => t >= low && t <= high);
  return marks.length >= 2 ? marks : ticks(low, high);
}

const short = (value: number) => String(Number(value.toPrecision(3)));
