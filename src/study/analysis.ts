/**
 * What the runs of a study say together, as in arXiv:2508.07706: energy against rank-hours, power against the rates of
 * samples and updates, score and energy against the global batch, efficiency against one replica, and the spread of
 * repetitions. Every fit has its 95 % interval, or is left out where the runs do not determine it.
 */
import { type Fit, leastSquares, lineThrough } from './least-squares.ts';
import { rankHours, type StudyRow } from './study-row.ts';

/** Mean of the repetitions of one run, and their standard deviation; not a number where there is but one. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  readonly count: number;
}

/** Runs that differ in nothing but their seed. */
export interface RunGroup {
  readonly replicas: number;
  readonly localBatch: number;
  readonly globalBatch: number;
  readonly fraction: number;
  readonly seconds: Spread;
  readonly rankHours: Spread;
  readonly score: Spread;
  /** Joules; undefined where a run has no meter. */
  readonly energy: Spread | undefined;
  /** Joules of scores and checkpoints, beside those; undefined where a row has none, as of earlier versions. */
  readonly scoringEnergy: Spread | undefined;
  /** Against one replica on the same data: 1 where n replicas take an n-th of its time, or all of its energy. */
  readonly strong: Efficiency | undefined;
  /** Against one replica on an n-th of the data: 1 where n replicas take the same time, or n times the energy. */
  readonly weak: Efficiency | undefined;
}

/** Undefined where there is no such run to compare with. */
interface Efficiency {
  readonly time: number;
  readonly energy: number | undefined;
}

/** The runs of one model on one card. */
export interface ModelAnalysis {
  readonly model: string;
  readonly card: string;
  readonly runs: number;
  readonly scoreName: string;
  readonly scoreBetter: StudyRow['scoreBetter'];
  /** Joules = intercept + slope x rank-hours. */
  readonly energyByHours: Fit | undefined;
  /** Watts = intercept + joules a sample x samples a second + joules an update x updates a second. */
  readonly powerByRates: Fit | undefined;
  readonly groups: readonly RunGroup[];
}

export function analyse(rows: readonly StudyRow[]): readonly ModelAnalysis[] {
  const kinds = grouped(rows, ({ model, card }) => JSON.stringify([model, card]));
  return [...kinds.values()].map(own => {
    const [{ model, card, scoreName, scoreBetter }] = own;
    const metered = own.flatMap(row =>
      row.energyCentral === undefined ? [] : [{ row, joules: row.energyCentral }],
    );
    return {
      model,
      card,
      runs: own.length,
      scoreName,
      scoreBetter,
      energyByHours: lineThrough(metered.map(({ row, joules }) => [rankHours(row), joules])),
      powerByRates: leastSquares(
        metered.map(({ row }) => [1, (row.steps * row.globalBatch) / row.seconds, row.steps / row.seconds]),
        metered.map(({ row, joules }) => joules / row.seconds),
      ),
      groups: groupsOf(own),
    };
  });
}

function groupsOf(rows: readonly StudyRow[]): readonly RunGroup[] {
  const alike = grouped(rows, ({ replicas, localBatch, fraction }) =>
    JSON.stringify([replicas, localBatch, fraction]),
  );
  const groups = [...alike.values()].map(same => {
    const [{ replicas, localBatch, globalBatch, fraction }] = same;
    const metered = (joules: readonly (number | undefined)[]) =>
      joules.every(value => value !== undefined) ? spread(joules) : undefined;
    return {
      replicas,
      localBatch,
      globalBatch,
      fraction,
      seconds: spread(same.map(row => row.seconds)),
      rankHours: spread(same.map(rankHours)),
      score: spread(same.map(row => row.score)),
      energy: metered(same.map(row => row.energyCentral)),
      scoringEnergy: metered(same.map(row => row.scoringEnergyCentral)),
    };
  });
  return groups
    .map(group => ({
      ...group,
      strong: efficiency(group, groups, group.fraction),
      weak: group.replicas > 1 ? efficiency(group, groups, group.fraction / group.replicas) : undefined,
    }))
    .sort((a, b) => a.fraction - b.fraction || a.globalBatch - b.globalBatch || a.replicas - b.replicas);
}

type Measured = Omit<RunGroup, 'strong' | 'weak'>;

/** Against the run on one replica and this fraction of the data, with the same global batch, else the same local batch. */
function efficiency(own: Measured, all: readonly Measured[], fraction: number): Efficiency | undefined {
  const alone = all.filter(group => group.replicas === 1 && Math.abs(group.fraction / fraction - 1) < 1e-9);
  const base =
    alone.find(({ globalBatch }) => globalBatch === own.globalBatch) ??
    alone.find(({ localBatch }) => localBatch === own.localBatch);
  if (!base) return undefined;
  const work = own.fraction / base.fraction;
  return {
    time: (work * base.seconds.mean) / (own.replicas * own.seconds.mean),
    energy: base.energy && own.energy && (work * base.energy.mean) / own.energy.mean,
  };
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)), count: values.length };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
