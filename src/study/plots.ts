/** The plots of a study, as the paper has them (arXiv:2508.07706): what is drawn, for page and report to draw. */
import type { ModelAnalysis, RunGroup } from './analysis.ts';
import { rankHours, type StudyRow } from './study-row.ts';

type Point = readonly [number, number];

export interface PlotSet {
  readonly name: string;
  readonly points: readonly Point[];
  /** Of a fit: its two ends. */
  readonly line?: readonly [Point, Point];
}

export interface StudyPlot {
  /** Of a file: `energy-rank-hours`. */
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Powers of two lie evenly. */
  readonly logarithmicX: boolean;
  readonly sets: readonly PlotSet[];
}

interface Source {
  readonly analysis: ModelAnalysis;
  readonly rows: readonly StudyRow[];
  readonly name: string;
}

/** @param names one for every analysis, where two cards or two studies are laid over each other */
export function plotsOf(
  analyses: readonly ModelAnalysis[],
  rows: readonly StudyRow[],
  names: readonly string[] = namesOf(analyses),
): readonly StudyPlot[] {
  const sources = analyses.map((analysis, i) => ({
    analysis,
    rows: rows.filter(({ model, card }) => model === analysis.model && card === analysis.card),
    name: names[i],
  }));
  const each = (of: (source: Source) => Omit<PlotSet, 'name'>) =>
    sources.map(source => ({ name: source.name, ...of(source) }));
  const groups = (y: (group: RunGroup) => number | undefined, x: (group: RunGroup) => number) =>
    each(({ analysis }) => ({
      points: analysis.groups.flatMap((group): Point[] => {
        const value = y(group);
        return value === undefined ? [] : [[x(group), value]];
      }),
    }));
  const scores = new Set(analyses.map(({ scoreName }) => scoreName));
  const plots: StudyPlot[] = [
    {
      id: 'energy-rank-hours',
      title: 'Energy and rank-hours',
      xLabel: 'rank-hours',
      yLabel: 'energy, J',
      logarithmicX: false,
      sets: each(({ analysis, rows: own }) => {
        const points = own.flatMap((row): Point[] =>
          row.energyCentral === undefined ? [] : [[rankHours(row), row.energyCentral]],
        );
        const [intercept, slope] = analysis.energyByHours?.coefficients ?? [];
        const ends = [Math.min, Math.max].map(end => end(...points.map(([x]) => x)));
        const at = (x: number): Point => [x, intercept.value + slope.value * x];
        return { points, ...(intercept && { line: [at(ends[0]), at(ends[1])] as const }) };
      }),
    },
    {
      id: 'power-sample-rate',
      title: 'Mean power and samples a second',
      xLabel: 'samples a second',
      yLabel: 'power, W',
      logarithmicX: false,
      sets: each(({ rows: own }) => ({
        points: own.flatMap((row): Point[] =>
          row.energyCentral === undefined
            ? []
            : [[(row.steps * row.globalBatch) / row.seconds, row.energyCentral / row.seconds]],
        ),
      })),
    },
    {
      id: 'score-global-batch',
      title: 'Score and global batch',
      xLabel: 'global batch, samples',
      yLabel: [...scores].join(', '),
      logarithmicX: true,
      sets: groups(
        ({ score, fraction }) => (fraction === 1 ? score.mean : undefined),
        ({ globalBatch }) => globalBatch,
      ),
    },
    {
      id: 'energy-global-batch',
      title: 'Energy and global batch',
      xLabel: 'global batch, samples',
      yLabel: 'energy, J',
      logarithmicX: true,
      sets: groups(
        ({ energy, fraction }) => (fraction === 1 ? energy?.mean : undefined),
        ({ globalBatch }) => globalBatch,
      ),
    },
    {
      id: 'strong-efficiency',
      title: 'Strong scaling: efficiency in time against one replica',
      xLabel: 'replicas',
      yLabel: 'efficiency',
      logarithmicX: true,
      sets: groups(
        ({ strong }) => strong?.time,
        ({ replicas }) => replicas,
      ),
    },
    {
      id: 'weak-efficiency',
      title: 'Weak scaling: efficiency in time against one replica',
      xLabel: 'replicas',
      yLabel: 'efficiency',
      logarithmicX: true,
      sets: groups(
        ({ weak }) => weak?.time,
        ({ replicas }) => replicas,
      ),
    },
  ];
  return plots.filter(({ sets }) => sets.some(({ points }) => points.length > 0));
}

/** The model, and its card where there are several. */
function namesOf(analyses: readonly ModelAnalysis[]): readonly string[] {
  const cards = new Set(analyses.map(({ card }) => card));
  return analyses.map(({ model, card }) => (cards.size > 1 ? `${model}, ${card}` : model));
}
