/** Where a line chart's points, ticks and axes lie: what the report's charts and the page's are drawn by. */

/** [x, y] */
export type PlotPoint = readonly [number, number];

export interface PlotArea {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface PlotOptions {
  readonly area: PlotArea;
  readonly logarithmic?: boolean;
  /** A horizontal line to compare with. */
  readonly level?: number;
  /** Distance of the ticks below; by default round numbers. */
  readonly xStep?: number;
  /** Ends of the axis below lie on ticks: they stay as they are for many steps, and a single point has room. */
  readonly roundEnds?: boolean;
}

export interface Plot {
  /** The series as they are drawn: what is not finite left out, thinned to what can be seen. */
  readonly points: readonly (readonly PlotPoint[])[];
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

/** @returns undefined where no point can be drawn */
export function plotOf(
  series: readonly (readonly PlotPoint[])[],
  { area, logarithmic = false, level, xStep, roundEnds = false }: PlotOptions,
): Plot | undefined {
  const most = area.width - area.left - area.right;
  const points = series.map(own => thin(own.filter(usable(logarithmic)), area.width));
  const all = points.flat();
  if (all.length === 0) return undefined;
  const data = extent(all.map(([x]) => x));
  const xStepOf = xStep ?? roundStep((data.high - data.low) / 5);
  const xs = roundEnds
    ? { low: xStepOf * Math.floor(data.low / xStepOf), high: xStepOf * Math.ceil(data.high / xStepOf) }
    : data;
  const ys = extent([...all.map(([, y]) => y), ...(level === undefined ? [] : [level])], logarithmic);
  const place = logarithmic ? Math.log : (value: number) => value;
  const bottom = area.height - area.bottom;
  const y = (value: number) => {
    const part = (place(value) - place(ys.low)) / (place(ys.high) - place(ys.low));
    return bottom - part * (bottom - area.top);
  };
  return {
    points,
    x: value => area.left + ((value - xs.low) / (xs.high - xs.low)) * most,
    y,
    xTicks: ticks(xs.low, xs.high, xStepOf),
    yTicks: legible(logarithmic ? logTicks(ys.low, ys.high) : ticks(ys.low, ys.high), y),
  };
}

/** Pixels from one line of a tick's text to the next. */
const LINE = 13;

/** Those whose texts do not lie over one another, from the lowest on. */
function legible(ticks: readonly number[], y: (value: number) => number): number[] {
  const kept: number[] = [];
  for (const tick of ticks) {
    const below = kept.at(-1);
    if (below === undefined || y(below) - y(tick) >= LINE) kept.push(tick);
  }
  return kept;
}

const usable =
  (logarithmic: boolean) =>
  ([x, y]: PlotPoint) =>
    Number.isFinite(x) && Number.isFinite(y) && !(logarithmic && y <= 0);

/** Means of runs of neighbours, where there are more points than can be seen. */
function thin(points: readonly PlotPoint[], most: number): readonly PlotPoint[] {
  const size = Math.ceil(points.length / most);
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

/** The round number (1, 2 or 5 times a power of ten) nearest above `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find(f => f * power >= rough) ?? 10);
}

/** About five round values between `low` and `high`. */
function ticks(low: number, high: number, step = roundStep((high - low) / 5)): number[] {
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
