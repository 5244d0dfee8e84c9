/**
 * `metrics.csv`: one row a step, and the validation scores in columns of their own, in the row of the step that they
 * were made after. All columns are known when the run starts, so that rows are only ever appended. Numbers have all
 * their digits, as JavaScript writes them: reading them gives the same number, to the last bit.
 */

import type { RunEvent, RunInfo, SkillRow } from '../session/api/api.ts';

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

/** Scores that have columns; what else a score says is in `events.jsonl`. */
const scores = ['rmse', 'persistence', 'climatology', 'acc', 'bias'] as const;

/** By column; what is not known is absent, and an empty cell. */
export type Row = Readonly<Record<string, number | undefined>>;

export interface MetricsTable {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** A score's column. While a run trains, the shortest lead time is scored. */
interface ScoreColumn {
  readonly name: string;
  readonly score: (typeof scores)[number];
  readonly channel: string;
}

type Scored = Pick<RunInfo, 'channels' | 'stepHours'>;

/** `validation_rmse_z500_24h` and so on: letters, digits and low lines, so that no tool needs quotes; none twice. */
export function scoreColumns({ channels, stepHours }: Scored): ScoreColumn[] {
  const taken = new Set<string>();
  return channels.flatMap(({ name: channel }) =>
    scores.map(score => {
      const plain = `validation_${score}_${channel}_${stepHours}h`.replace(/[\W_]+/g, '_');
      let name = plain;
      for (let next = 2; taken.has(name); next++) name = `${plain}_${next}`;
      taken.add(name);
      return { name, score, channel };
    }),
  );
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
  return [...stepColumns, ...(scoredEvery(info) > 0 ? scoreColumns(info).map(({ name }) => name) : [])];
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

/** What rows are made of. */
export type StepEvent = Pick<MetricsEvent, 'step' | 'losses' | 'learningRates' | 'gradientNorms' | 'seconds'>;

/** The cells of a score on the validation part. */
export function scoreCells(rows: readonly SkillRow[], info: Scored): Row {
  const byChannel = new Map(
    rows.filter(row => row.leadHours === info.stepHours).map(row => [row.channel, row]),
  );
  return Object.fromEntries(
    scoreColumns(info).map(({ name, score, channel }) => [name, byChannel.get(channel)?.[score]]),
  );
}

/** A score without what has columns. */
export function withoutColumns(row: SkillRow): Omit<SkillRow, (typeof scores)[number]> {
  const { rmse, persistence, climatology, acc, bias, ...rest } = row;
  return rest;
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
