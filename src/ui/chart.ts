/** What the line charts have in common: the parts of chart.js they need, colours from the style sheet, a calm redraw rate. */
import {
  Chart,
  type ChartDataset,
  type ChartOptions,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type Scale,
  type Tick,
  Ticks,
  Tooltip,
} from 'chart.js';
import { count, fieldNumber, withSpaces } from '../show/format.ts';
import type { Point } from '../show/series.ts';
import { make, setText } from './dom.ts';

Chart.register(Legend, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip);

/** At most four redraws a second: a chart takes a few milliseconds of the page's thread each time. */
const redrawMilliseconds = 250;

export interface Curve {
  readonly label: string;
  /** Custom property of the style sheet that holds the colour, such as `--model`. */
  readonly colour: string;
  readonly points: readonly Point[];
  readonly width?: number;
  readonly dashed?: boolean;
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

const property = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A line chart on `canvas` that asks `content` what to show whenever it is refreshed. */
export function createLineChart(canvas: HTMLCanvasElement, content: () => ChartContent): LineChart {
  const empty = make('p', '', 'chart-empty caption');
  canvas.after(empty);
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
  });
  let due = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = () => {
    timer = undefined;
    due = performance.now() + redrawMilliseconds;
    const now = content();
    chart.data.datasets = now.curves.map(dataset);
    chart.options = options(now);
    chart.update('none');
    setText(empty, isEmpty(now) ? now.whenEmpty : '');
    canvas.dataset.points = String(Math.max(0, ...now.curves.map(c => c.points.length)));
  };
  const refresh = () => {
    if (timer === undefined) timer = setTimeout(draw, Math.max(0, due - performance.now()));
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', refresh);
  draw();
  return { refresh };
}

function dataset(curve: Curve): ChartDataset<'line', Point[]> {
  const colour = property(curve.colour);
  return {
    label: curve.label,
    data: [...curve.points],
    parsing: false,
    normalized: true,
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: curve.width ?? 2,
    borderDash: curve.dashed ? [6, 4] : [],
    pointRadius: curve.dots ? 2.5 : 0,
    pointHitRadius: 8,
  };
}

const isEmpty = ({ curves }: ChartContent) => curves.every(c => c.points.length === 0);

/** The legend's labels of chart.js, whose lines are drawn as points, which have no dashes of their own. */
const labelled = (chart: Chart) =>
  Chart.defaults.plugins.legend.labels.generateLabels(chart).map(label => {
    const { borderDash } = chart.data.datasets[label.datasetIndex!] as ChartDataset<'line'>;
    return { ...label, lineDash: borderDash as number[] };
  });

/** The labels of chart.js, with thousands apart as everywhere else on the page. */
const spaced = (kind: 'numeric' | 'logarithmic') =>
  function (this: Scale, value: number | string, index: number, ticks: Tick[]) {
    return withSpaces(Ticks.formatters[kind].call(this, Number(value), index, ticks));
  };

function options(content: ChartContent): ChartOptions<'line'> {
  const { curves, xTitle, yTitle, xStep, logarithmic } = content;
  const ink = property('--muted');
  const grid = { color: property('--line') };
  const display = !isEmpty(content);
  const quiet = new Set(curves.filter(c => c.quiet).map(c => c.label));
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
    scales: {
      x: {
        type: 'linear',
        display,
        // Round ends: they stay as they are for many steps, and a single point has room.
        bounds: 'ticks',
        title: { display: true, text: xTitle, color: ink },
        ticks: { color: ink, maxTicksLimit: 7, precision: 0, stepSize: xStep, callback: spaced('numeric') },
        grid,
      },
      y: {
        type: logarithmic ? 'logarithmic' : 'linear',
        display,
        title: { display: true, text: yTitle, color: ink },
        ticks: { color: ink, maxTicksLimit: 7, callback: spaced(logarithmic ? 'logarithmic' : 'numeric') },
        grid,
      },
    },
    plugins: {
      legend: {
        display: display && curves.length > quiet.size,
        position: 'bottom',
        labels: {
          color: ink,
          usePointStyle: true,
          pointStyle: 'line',
          pointStyleWidth: 24,
          generateLabels: labelled,
          filter: item => !quiet.has(item.text),
        },
      },
      tooltip: {
        animation: false,
        callbacks: {
          title: ([point]) => (point ? `${xTitle} ${count(point.parsed.x ?? 0)}` : ''),
          label: ({ dataset, parsed }) => `${dataset.label}: ${fieldNumber(parsed.y ?? Number.NaN, 4)}`,
        },
      },
    },
  };
}
