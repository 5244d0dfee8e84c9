/**
 * `metrics.csv`: one row a step, and the validation scores in columns of their own, in the row of the step that they
 * were made after. All columns are known when the run starts, so that rows are only ever appended. Numbers have all
 * their digits, as JavaScript writes them: reading them gives the same number, to the last bit.
 */

import type { RunEvent, RunInfo, Score, ScoreHead } from '../session/api/api.ts';
import type { EnergyStamp } from './run-meter.ts';

type MetricsEvent = Extract<RunEvent, { type: 'metrics' }>;

const stepColumns = [
  'step',
  'epoch',
  'loss',
  'learningRate',
  'gradientNorm',
  'samplesPerSecond',
  'seconds',
] as const;

/** Power of the GPUs and machines over the steps of a report, W, and Wh up to its last step: central, and between what. */
const energyColumns = [
  'watts',
  'watts_low',
  'watts_high',
  'wattHours',
  'wattHours_low',
  'wattHours_high',
] as const;

/** By column; what is not known is absent, and an empty cell. */
export type Row = Readonly<Record<string, number | undefined>>;

export interface MetricsTable {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** A column of a score, or of what it is held against. */
export interface ScoreColumn {
  readonly name: string;
  readonly head: ScoreHead;
  /** Absent: the score itself. */
  readonly baseline?: string;
}

type Scored = Pick<RunInfo, 'validationScores'>;

/**
 * What a run is scored by while it trains, and behind a main score its baselines. Names are letters, digits and low lines,
 * so that no tool needs quotes, and none is there twice: `validation_rmse_z500_24h`, or `validation_accuracy` of what
 * gives one thing.
 */
export function scoreColumns({ validationScores }: Scored): ScoreColumn[] {
  const taken = new Set<string>();
  const nameOf = (what: string, { of, at }: ScoreHead) => {
    const words = ['validation', what, of?.name, at && `${at.value}${at.units}`];
    const plain = words
      .filter(word => word !== undefined)
      .join('_')
      .replace(/[\W_]+/g, '_');
    let name = plain;
    for (let next = 2; taken.has(name); next++) name = `${plain}_${next}`;
    taken.add(name);
    return name;
  };
  return validationScores.flatMap(head => [
    { name: nameOf(head.metric, head), head },
    ...(head.main ? head.baselines : []).map(baseline => ({ name: nameOf(baseline, head), head, baseline })),
  ]);
}

/** Steps between two scores; 0 where none are made. */
const scoredEvery = ({ config, samples }: RunInfo) =>
  samples.validation > 0 ? (config.evaluateEvery ?? 0) : 0;

/** True where a score follows this step, for its row. */
export function isScored(info: RunInfo, step: number): boolean {
  const every = scoredEvery(info);
  return every > 0 && step % every === 0;
}

/** The columns of a run: those of scores where it makes any. */
export function columnsOf(info: RunInfo): string[] {
  return [
    ...stepColumns,
    ...energyColumns,
    ...(scoredEvery(info) > 0 ? scoreColumns(info).map(({ name }) => name) : []),
  ];
}

/**
 * The rows of an event. The rate is that of its steps together, and `seconds` the time at its last step: both are the
 * same for all of them.
 *
 * @param secondsBefore of training, before its steps
 */
export function stepRows(
  { step, losses, learningRates, gradientNorms, seconds }: StepEvent,
  { batch, samples }: Pick<RunInfo, 'batch' | 'samples'>,
  secondsBefore: number,
): Row[] {
  return losses.map((loss, i) => {
    const own = step - losses.length + 1 + i;
    return {
      step: own,
      epoch: (own * batch) / samples.train,
      loss,
      learningRate: learningRates[i],
      gradientNorm: gradientNorms[i],
      samplesPerSecond: (losses.length * batch) / seconds,
      seconds: secondsBefore + seconds,
    };
  });
}

/**
 * The cells of what a report of steps took.
 *
 * @param before the last row of what the folder had before: Wh go on from there
 */
export function energyCells({ watts, wattHours }: EnergyStamp, before: Row = {}): Row {
  const since = (name: (typeof energyColumns)[number], value: number) => value + (before[name] ?? 0);
  return {
    watts: watts.central,
    watts_low: watts.low,
    watts_high: watts.high,
    wattHours: since('wattHours', wattHours.central),
    wattHours_low: since('wattHours_low', wattHours.low),
    wattHours_high: since('wattHours_high', wattHours.high),
  };
}

/** What rows are made of. */
export type StepEvent = Pick<MetricsEvent, 'step' | 'losses' | 'learningRates' | 'gradientNorms' | 'seconds'>;

/** The cells of scores on the validation part; others than the run was to have go nowhere. */
export function scoreCells(scores: readonly Score[], info: Scored): Row {
  const byKey = new Map(scores.map(score => [keyOf(score), score]));
  return Object.fromEntries(
    scoreColumns(info).map(({ name, head, baseline }) => [name, cellOf(byKey.get(keyOf(head)), baseline)]),
  );
}

/** What one score of a run has and no other. */
const keyOf = ({ metric, of, at }: Omit<ScoreHead, 'baselines'>) =>
  JSON.stringify([metric, of?.name, at?.value, at?.units]);

function cellOf(score: Score | undefined, baseline?: string): number | undefined {
  if (baseline === undefined) return score?.value;
  return score?.baselines.find(({ name }) => name === baseline)?.value;
}

/** The scores of all rows that have any: what `scoreCells` made cells of. */
export function scoresOf(rows: readonly Row[], info: Scored): { step: number; scores: Score[] }[] {
  const columns = scoreColumns(info);
  const byHead = info.validationScores.map(head => columns.filter(column => column.head === head));
  return rows.flatMap(row => {
    const scores = byHead.flatMap(([own, ...baselines]) => scoreIn(row, own, baselines) ?? []);
    return row.step === undefined || scores.length === 0 ? [] : [{ step: row.step, scores }];
  });
}

function scoreIn(
  row: Row,
  { name, head }: ScoreColumn,
  baselines: readonly ScoreColumn[],
): Score | undefined {
  const value = row[name];
  if (value === undefined) return undefined;
  return {
    ...head,
    value,
    baselines: baselines.map(({ name, baseline = '' }) => ({
      name: baseline,
      value: row[name] ?? Number.NaN,
    })),
  };
}

/** The scores that no column has: those that a run was not told of before. */
export function withoutColumns(scores: readonly Score[], info: Scored): Score[] {
  const known = new Set(info.validationScores.map(keyOf));
  return scores.filter(score => !known.has(keyOf(score)));
}

export const headLine = (columns: readonly string[]): string => `${columns.join(',')}\n`;

export const rowLine = (columns: readonly string[], row: Row): string =>
  `${columns.map(column => cell(row[column])).join(',')}\n`;

/** `NaN`, `Inf` and `-Inf` are what pandas, NumPy and R read as such. */
function cell(value: number | undefined): string {
  if (value === undefined) return '';
  return String(value).replace('Infinity', 'Inf');
}

/** A last line cut short by a lost process is left out. */
export function parseTable(text: string): MetricsTable {
  const [head, ...lines] = text.split('\n').slice(0, -1);
  const columns = head === undefined ? [] : head.split(',');
  const rows = lines.map(line =>
    Object.fromEntries(line.split(',').map((written, i) => [columns[i], numberOf(written)])),
  );
  return { columns, rows };
}

function numberOf(written: string): number | undefined {
  return written === '' ? undefined : Number(written.replace('Inf', 'Infinity'));
}

/** The rows up to `step`, and the columns that are to come beside those that there were. */
export function rewound(
  { columns, rows }: MetricsTable,
  step: number,
  more: readonly string[],
): MetricsTable {
  return {
    columns: [...new Set([...columns, ...more])],
    rows: rows.filter(row => row.step !== undefined && row.step <= step),
  };
}

export const tableText = ({ columns, rows }: MetricsTable): string =>
  headLine(columns) + rows.map(row => rowLine(columns, row)).join('');
