/**
 * Trains the runs of a study that are not done, one after the other, and hands over a row of each as it ends: the one runner
 * of terminal and page, which differ in how a run is trained and where its row is kept.
 */
import type { RunResult } from '../session/api/api.ts';
import type { StudyRun } from './study-file.ts';
import { type Beside, rowOf, type StudyRow } from './study-row.ts';

/** What became of a run: a result, a fault, or neither where it was stopped. */
export interface Training extends Beside {
  /** Why it failed, for people; undefined where it did not. */
  readonly fault: string | undefined;
  readonly result: RunResult | undefined;
}

export interface StudyProgress {
  /** The run that begins. */
  readonly run: StudyRun;
  /** Its place among all, from 0. */
  readonly index: number;
  readonly count: number;
  /** Of it and all that are to come. */
  readonly samplesLeft: number;
  /**
   * Of it and all that are to come, by what a sample and the start of a run took so far; undefined before the first run that
   * was trained now.
   */
  readonly secondsLeft: number | undefined;
}

export interface StudyTraining {
  readonly runs: readonly StudyRun[];
  /** Of runs that were done before. */
  readonly done: readonly StudyRow[];
  /** From the beginning, whatever an earlier attempt has left. Resolves without a result where it was stopped. */
  readonly train: (run: StudyRun, stop: AbortSignal) => Promise<Training>;
  /** Resolves when the row outlasts whatever comes next. */
  readonly keep: (row: StudyRow) => Promise<void>;
  readonly tell: (progress: StudyProgress) => void;
  readonly stop: AbortSignal;
  /** ms; of a clock that goes on. */
  readonly now?: () => number;
}

/** @returns what failed, and why, by run: the others are trained all the same */
export async function trainStudy({
  runs,
  done,
  train,
  keep,
  tell,
  stop,
  now = () => performance.now(),
}: StudyTraining): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  const finished = new Set(done.map(({ id }) => id));
  const samples = ({ steps, globalBatch }: StudyRun) => steps * globalBatch;
  /** Of the runs that were trained now: seconds of their training, and of all else. */
  let training = 0;
  let besides = 0;
  let trained = 0;
  let ended = 0;
  for (const [index, run] of runs.entries()) {
    if (finished.has(run.id)) continue;
    if (stop.aborted) break;
    const ahead = runs.slice(index).filter(({ id }) => !finished.has(id));
    const samplesLeft = ahead.reduce((total, other) => total + samples(other), 0);
    const secondsLeft =
      ended > 0 ? (training / trained) * samplesLeft + (besides / ended) * ahead.length : undefined;
    tell({ run, index, count: runs.length, samplesLeft, secondsLeft });
    const begun = now();
    const { fault, result, ...beside } = await train(run, stop);
    // A clock that was set back tells nothing of what is left, and takes no row away.
    const spent = Math.max(0, now() - begun) / 1000;
    if (fault !== undefined) failures.set(run.id, fault);
    if (!result) continue;
    const row = rowOf(run, result, beside);
    await keep(row);
    finished.add(run.id);
    ended++;
    trained += samples(run);
    training += Math.min(spent, row.seconds);
    besides += Math.max(0, spent - row.seconds);
  }
  return failures;
}
