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
  Tooltip,
} from 'chart.js';
import type { Point } from './series.ts';

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
}

export interface LineChart {
  /** Draws what `content` gives, soon: calls in quick succession are drawn once. */
  refresh(): void;
}

const property = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A line chart on `canvas` that asks `content` what to show whenever it is refreshed. */
export function createLineChart(canvas: HTMLCanvasElement, content: () => ChartContent): LineChart {
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: options(content()),
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
    canvas.dataset.points = String(Math.max(0, ...now.curves.map(c => c.points.length)));
  };
  const refresh = () => {
    if (timer === undefined) timer = setTimeout(draw, Math.max(0, due - performance.now()));
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', refresh);
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

function options({ curves, xTitle, yTitle, logarithmic }: ChartContent): ChartOptions<'line'> {
  const ink = property('--muted');
  const grid = { color: property('--line') };
  const empty = curves.every(c => c.points.length === 0);
  const quiet = new Set(curves.filter(c => c.quiet).map(c => c.label));
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
    scales: {
      x: {
        type: 'linear',
        bounds: 'data',
        title: { display: true, text: xTitle, color: ink },
        ticks: { display: !empty, color: ink, maxTicksLimit: 7, precision: 0 },
        grid,
      },
      y: {
        type: logarithmic ? 'logarithmic' : 'linear',
        title: { display: true, text: yTitle, color: ink },
        ticks: { display: !empty, color: ink, maxTicksLimit: 7 },
        grid,
      },
    },
    plugins: {
      legend: {
        display: curves.length > quiet.size,
        position: 'bottom',
        labels: { color: ink, boxWidth: 18, boxHeight: 2, filter: item => !quiet.has(item.text) },
      },
      tooltip: { animation: false },
    },
  };
}
