/** A line chart as a figure that stands alone: with its axes, its legend, and its colours. */
import { type Figure, figureInk, type Mark } from './figure.ts';
import { withMinus } from './format.ts';
import { plotOf } from './line-plot.ts';
import type { Chart } from './svg-chart.ts';

const plotHeight = 340;
const area = { width: 720, height: plotHeight, left: 68, right: 16, top: 36, bottom: 48 };
const legendRow = 20;
/** Of a letter of the legend, on the average: a figure cannot ask how wide its text will be. */
const letterWidth = 6.6;
const keyWidth = 24;

/** @returns undefined where no point can be drawn */
export function chartFigure(chart: Chart): Figure | undefined {
  const { title, xLabel, yLabel, series, logarithmic, level } = chart;
  const plot = plotOf(
    series.map(({ points }) => points),
    { area, logarithmic, level },
  );
  if (!plot) return undefined;
  const { x, y, xTicks, yTicks } = plot;
  const { width, left, right, top } = area;
  const bottom = plotHeight - area.bottom;
  const across = (at: number) => `M${left} ${at.toFixed(1)}H${width - right}`;
  const label = { kind: 'text', fill: figureInk.quiet, size: 12 } as const;
  const drawn = series
    .map(({ name, colour }, i) => ({ name, colour, points: plot.points[i] }))
    .filter(({ points }) => points.length > 0);
  const legend = legendMarks(drawn);
  const marks: Mark[] = [
    { ...label, x: left, y: 20, text: title, fill: figureInk.text, size: 14, bold: true },
    ...yTicks.flatMap((tick): Mark[] => [
      { kind: 'path', d: across(y(tick)), stroke: figureInk.grid, width: 1 },
      { ...label, x: left - 6, y: y(tick) + 4, text: short(tick), anchor: 'end' },
    ]),
    ...xTicks.map(
      (tick): Mark => ({ ...label, x: x(tick), y: bottom + 18, text: short(tick), anchor: 'middle' }),
    ),
    { ...label, x: (left + width - right) / 2, y: bottom + 38, text: xLabel, anchor: 'middle' },
    { ...label, x: 16, y: (top + bottom) / 2, text: yLabel, anchor: 'middle', upward: true },
    ...(level === undefined
      ? []
      : [{ kind: 'path', d: across(y(level)), stroke: figureInk.level, width: 1, dash: [4, 3] } as const]),
    ...drawn.map(
      ({ colour, points }): Mark => ({
        kind: 'path',
        d: lineOf(points.map(([px, py]) => [x(px), y(py)])),
        stroke: colour,
        width: 1.8,
      }),
    ),
    ...legend.marks,
  ];
  return { title, width, height: plotHeight + legend.height, marks };
}

const lineOf = (points: readonly (readonly [number, number])[]) =>
  `M${points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join('L')}`;

/** Below the chart, in as many rows as it takes. */
function legendMarks(drawn: readonly { readonly name: string; readonly colour: string }[]) {
  let [at, row] = [area.left, 0];
  const marks = drawn.flatMap(({ name, colour }): Mark[] => {
    const wide = keyWidth + name.length * letterWidth + 16;
    if (at > area.left && at + wide > area.width - area.right) [at, row] = [area.left, row + 1];
    const [x, y] = [at, plotHeight + 8 + row * legendRow];
    at += wide;
    return [
      { kind: 'path', d: `M${x} ${y}H${x + 16}`, stroke: colour, width: 3 },
      { kind: 'text', x: x + keyWidth, y: y + 4, text: name, fill: figureInk.text, size: 12 },
    ];
  });
  return { marks, height: (row + 1) * legendRow };
}

const short = (value: number) => withMinus(String(Number(value.toPrecision(4))));
