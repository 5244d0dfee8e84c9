/**
 * What one run of a study came to: a row of `runs.csv`, and a line of `runs.jsonl`, written when the run ends. Times are of
 * training alone, without start, scores and checkpoints between steps.
 */
import * as v from 'valibot';
import type { Band } from '../energy/band.ts';
import { type RunResult, type Score, scoreGroups } from '../session/api/api.ts';
import type { StudyRun } from './study-file.ts';

const number = v.pipe(v.number(), v.finite());
const words = v.pipe(v.string(), v.maxLength(200));

const rowSchema = v.object({
  id: words,
  model: words,
  /** The card, as its browser or driver names it. */
  card: words,
  replicas: number,
  localBatch: number,
  globalBatch: number,
  /** Of the data, in (0, 1]. */
  fraction: number,
  repeat: number,
  seed: number,
  steps: number,
  seconds: number,
  /** Seconds of a rank, mean over all: waiting for data, waiting for others, and the rest. */
  dataSeconds: number,
  exchangeSeconds: number,
  computeSeconds: number,
  /** Of these, the update of the parameters, from sampled steps. Absent where none was sampled, and in rows of earlier versions. */
  updateSeconds: v.optional(number),
  loss: number,
  /** On the test part: see `scoreOf`. */
  score: number,
  scoreName: words,
  scoreBetter: v.picklist(['lower', 'higher']),
  /** Joules of all cards and their hosts in those seconds of training; absent where the run has no meter. */
  energyLow: v.optional(number),
  energyCentral: v.optional(number),
  energyHigh: v.optional(number),
  /** Joules of what came between and after its steps: scores, checkpoints. Absent in rows of earlier versions. */
  scoringEnergyLow: v.optional(number),
  scoringEnergyCentral: v.optional(number),
  scoringEnergyHigh: v.optional(number),
});

export type StudyRow = v.InferOutput<typeof rowSchema>;

/** Joules of all cards and hosts. */
export interface TrainingEnergy {
  readonly training: Band;
  /** Of scores and checkpoints. */
  readonly scoring: Band;
}

/**
 * One number of the test part: the mean of the main scores where higher is better, as an accuracy; else their mean over
 * that of the first baseline, so that channels of all units count alike.
 */
export function scoreOf(
  scores: readonly Score[],
): Pick<StudyRow, 'score' | 'scoreName' | 'scoreBetter'> | undefined {
  const main = scoreGroups(scores).map(group => group.main);
  if (main.length === 0) return undefined;
  const [{ label, better, baselines }] = main;
  const mean = (of: (score: Score) => number) =>
    main.reduce((total, score) => total + of(score), 0) / main.length;
  if (better === 'higher')
    return { score: mean(({ value }) => value), scoreName: label, scoreBetter: 'higher' };
  const [baseline] = baselines;
  return {
    score: mean(({ value, baselines: [first] }) => (first ? value / first.value : value)),
    scoreName: baseline ? `${label} over that of ${baseline.name}` : label,
    scoreBetter: 'lower',
  };
}

/** What was measured of a run beside its result. */
export interface Beside {
  /** Where there is a meter. */
  readonly energy?: TrainingEnergy;
  /** Milliseconds a step, where steps were sampled. */
  readonly updateMs?: number | undefined;
}

export function rowOf(run: StudyRun, result: RunResult, { energy, updateMs }: Beside): StudyRow {
  const seconds = (run.steps * run.globalBatch) / result.samplesPerSecond;
  const { ranks, adapter } = result;
  const meanMs = (of: (rank: RunResult['ranks'][number]) => number) =>
    ranks.reduce((total, rank) => total + of(rank), 0) / Math.max(1, ranks.length);
  const dataSeconds = ((ranks.length > 0 ? meanMs(rank => rank.dataMs) : result.dataMs) * run.steps) / 1000;
  const exchangeSeconds = (meanMs(rank => rank.exposedExchangeMs) * run.steps) / 1000;
  return {
    id: run.id,
    model: run.model.preset,
    card: adapter.description || `${adapter.vendor} ${adapter.architecture}`,
    replicas: run.replicas,
    localBatch: run.localBatch,
    globalBatch: run.globalBatch,
    fraction: run.fraction,
    repeat: run.repeat,
    seed: run.seed,
    steps: run.steps,
    seconds,
    dataSeconds,
    exchangeSeconds,
    computeSeconds: Math.max(0, seconds - dataSeconds - exchangeSeconds),
    ...(updateMs !== undefined && { updateSeconds: (updateMs * run.steps) / 1000 }),
    loss: result.lossLast,
    ...(scoreOf(result.scores) ?? { score: result.lossLast, scoreName: 'loss', scoreBetter: 'lower' }),
    ...(energy && {
      energyLow: energy.training.low,
      energyCentral: energy.training.central,
      energyHigh: energy.training.high,
      scoringEnergyLow: energy.scoring.low,
      scoringEnergyCentral: energy.scoring.central,
      scoringEnergyHigh: energy.scoring.high,
    }),
  };
}

/** The hours of all ranks together: GPU-hours, where each has a card of its own. */
export const rankHours = ({ seconds, replicas }: Pick<StudyRow, 'seconds' | 'replicas'>) =>
  (seconds * replicas) / 3600;

/** A row as it was kept. @throws ValiError where it is none */
export const readRow = (kept: unknown): StudyRow => v.parse(rowSchema, kept);

/** Lines of `runs.jsonl`. */
export const rowsAsLines = (rows: readonly StudyRow[]): string =>
  rows.map(row => `${JSON.stringify(row)}\n`).join('');

/** Rows of `runs.jsonl`. A torn last line, of a process that was killed, is left out. @throws Error naming a line that is none */
export function readRows(text: string): readonly StudyRow[] {
  const lines = text.split('\n');
  const whole = lines.slice(0, -1);
  return whole
    .filter(line => line.trim() !== '')
    .map((line, index) => {
      try {
        return readRow(JSON.parse(line));
      } catch (cause) {
        throw new Error(`Line ${index + 1} is no row of a study: ${(cause as Error).message}.`);
      }
    });
}

const columns = Object.keys(rowSchema.entries) as readonly (keyof StudyRow)[];

/** The same as a table, with what follows from the columns: for a spreadsheet. */
export function rowsAsCsv(rows: readonly StudyRow[]): string {
  const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const derived = ['rankHours', 'samplesPerRankHour', 'updatesPerRankHour', 'meanWatts'] as const;
  const cells = (row: StudyRow) => {
    const hours = rankHours(row);
    const more = [
      hours,
      (row.steps * row.globalBatch) / hours,
      row.steps / hours,
      row.energyCentral === undefined ? '' : row.energyCentral / row.seconds,
    ];
    return [...columns.map(column => row[column] ?? ''), ...more].map(cell => quoted(String(cell)));
  };
  return `${[[...columns, ...derived], ...rows.map(cells)].map(line => line.join(',')).join('\n')}\n`;
}
