/** The plots of a study, as the paper has them (arXiv:2508.07706): what is drawn, for page and report to draw. */
import { analyse, type ModelAnalysis, type RunGroup } from './analysis.ts';
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

/** What is drawn as one: the runs of a model on a card, in a study. */
export interface PlotSource {
  readonly name: string;
  readonly analysis: ModelAnalysis;
  readonly rows: readonly StudyRow[];
}

/** The sources of several studies, named by what tells them apart: the model, and the card and the study where there are several. */
export function sourcesOf(
  studies: readonly { readonly name: string; readonly rows: readonly StudyRow[] }[],
): readonly PlotSource[] {
  const found = studies.flatMap(study => analyse(study.rows).map(analysis => ({ study, analysis })));
  const cards = new Set(found.map(({ analysis }) => analysis.card));
  return found.map(({ study, analysis }) => ({
    name: [
      analysis.model,
      ...(cards.size > 1 ? [analysis.card] : []),
      ...(studies.length > 1 ? [study.name] : []),
    ].join(', '),
    analysis,
    rows: study.rows.filter(({ model, card }) => model === analysis.model && card === analysis.card),
  }));
}

export function plotsOf(sources: readonly PlotSource[]): readonly StudyPlot[] {
  const each = (of: (source: PlotSource) => Omit<PlotSet, 'name'>, among = sources) =>
    among.map(source => ({ name: source.name, ...of(source) }));
  const groups = (
    y: (group: RunGroup) => number | undefined,
    x: (group: RunGroup) => number,
    among?: readonly PlotSource[],
  ) =>
    each(
      ({ analysis }) => ({
        points: analysis.groups.flatMap((group): Point[] => {
          const value = y(group);
          return value === undefined ? [] : [[x(group), value]];
        }),
      }),
      among,
    );
  const scores = new Set(sources.map(({ analysis }) => analysis.scoreName));
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
    ...[...scores].map((name, i) => ({
      id: i > 0 ? `score-global-batch-${i + 1}` : 'score-global-batch',
      title: 'Score and global batch',
      xLabel: 'global batch, samples',
      yLabel: name,
      logarithmicX: true,
      sets: groups(
        ({ score, fraction }) => (fraction === 1 ? score.mean : undefined),
        ({ globalBatch }) => globalBatch,
        sources.filter(({ analysis }) => analysis.scoreName === name),
      ),
    })),
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
