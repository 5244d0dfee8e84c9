/** Scores of any task as charts: by step while a run trains, and by how far off they are at its end. */
import { schemeTableau10 } from 'd3-scale-chromatic';
import type { RunInfo, Score } from '../session/api/api.ts';
import { type Row, scoresOf } from './metrics-table.ts';
import { againstBaseline } from './scores.ts';
import type { Chart, Series } from './svg-chart.ts';

/** A score, and where it is drawn. */
interface PlacedScore {
  readonly x: number;
  readonly score: Score;
}

/** @param rows of the run's table */
export function validationCharts(rows: readonly Row[], info: Pick<RunInfo, 'validationScores'>): Chart[] {
  const placed = scoresOf(rows, info).flatMap(({ step, scores }) =>
    scores.map(score => ({ x: step, score })),
  );
  return charts(placed, 'step', what => `${what}, validation part`);
}

/** How scores change with the distance; nothing where only one was scored. */
export function distanceCharts(scores: readonly Score[]): Chart[] {
  const placed = scores.flatMap(score => (score.at ? [{ x: score.at.value, score }] : []));
  const at = placed[0]?.score.at;
  if (!at || new Set(placed.map(({ x }) => x)).size < 2) return [];
  const xLabel = `${at.axis}, ${at.units === 'h' ? 'hours' : at.units}`;
  return charts(placed, xLabel, what => `${what}, by ${at.axis}`);
}

/** A chart for each metric that all that is scored can be drawn by. */
function charts(placed: readonly PlacedScore[], xLabel: string, title: (what: string) => string): Chart[] {
  const metrics = [...new Set(placed.map(({ score }) => score.metric))];
  return metrics.flatMap(metric => {
    const own = placed.filter(({ score }) => score.metric === metric);
    const chart = ratioChart(own) ?? valueChart(own);
    return chart ? [{ ...chart, title: title(chart.title), xLabel }] : [];
  });
}

type BareChart = Omit<Chart, 'xLabel'>;

/** Main errors of different units, as parts of what they have to beat. */
function ratioChart(placed: readonly PlacedScore[]): BareChart | undefined {
  const { main, label, baselines } = placed[0].score;
  if (!main || placed.every(({ score }) => againstBaseline(score) === undefined)) return undefined;
  const [{ name }] = baselines;
  return {
    title: `${label} against ${name}`,
    yLabel: `${label} / ${label} of ${name}`,
    level: 1,
    series: seriesOf(placed, score => 1 + (againstBaseline(score) ?? Number.NaN) / 100),
  };
}

/** Numbers without units, or percentages; beside their baselines where they are of one thing alone. */
function valueChart(placed: readonly PlacedScore[]): BareChart | undefined {
  const { label, units, baselines } = placed[0].score;
  if (units !== '1' && units !== '%') return undefined;
  const own = seriesOf(placed, ({ value }) => value);
  const others = own.length > 1 ? [] : baselines.map(({ name }) => name);
  const baselineSeries = others.map((name, i) => ({
    name,
    colour: colourOf(i + 1),
    points: placed.map(({ x, score }): [number, number] => [
      x,
      score.baselines.find(other => other.name === name)?.value ?? Number.NaN,
    ]),
  }));
  return {
    title: label,
    yLabel: units === '%' ? `${label}, %` : label,
    series: [...own, ...baselineSeries],
  };
}

/** A curve for each thing that is scored. */
function seriesOf(placed: readonly PlacedScore[], value: (score: Score) => number): Series[] {
  const names = [...new Set(placed.map(({ score }) => nameOf(score)))];
  return names.map((name, i) => ({
    name,
    colour: colourOf(i),
    points: placed
      .filter(({ score }) => nameOf(score) === name)
      .map(({ x, score }): [number, number] => [x, value(score)]),
  }));
}

const nameOf = ({ of, label }: Score) => of?.name ?? label;
const colourOf = (i: number) => schemeTableau10[i % schemeTableau10.length];
