/** The training loop: step after step, losses read late, scores and checkpoints now and then. */

import { bytes, count } from '../io/number-text.ts';
import { addTimes, noTimes } from '../parallel/program.ts';
import { demeritOf } from '../tasks/score.ts';
import { trainSteps } from '../train/loop.ts';
import { afterEvaluation, learningRateAt } from '../train/schedule.ts';
import type { RankReport, RunEvent } from './api/api.ts';
import { isStorageFull, RunFailure } from './errors.ts';
import { type PreparedRun, type TakenCheckpoint, takeCheckpoint } from './prepared-run.ts';
import { readsOf } from './run-result.ts';
import type { RunStore } from './saved-runs.ts';

/** Milliseconds between two reports of the losses. */
const REPORT_MS = 250;
const DEFAULT_CHECKPOINT_SECONDS = 30;

export class TrainingLoop {
  readonly #until: number;
  readonly #run: PreparedRun;
  readonly #runs: RunStore;
  readonly #emit: (event: RunEvent) => void;
  /** Rejects when the run must end at once, whatever it waits for. */
  readonly #broken: Promise<never>;
  #break!: (failure: Error) => void;
  readonly #asked: (() => Promise<void>)[] = [];
  #paused = false;
  /** No further step will follow. */
  #over = false;
  #ended: Promise<unknown> = Promise.resolve();
  #lastReport = 0;
  #lastCheckpoint = 0;
  /** Reports, one after the other: each reads on where the one before ended. */
  #reports: Promise<unknown> = Promise.resolve();
  /** A checkpoint that is read and stored while training goes on. */
  #keeping: Promise<void> | undefined;
  /** Why no further step may be taken. */
  #failure: Error | undefined;

  /**
   * @param runs keeps its checkpoints
   * @param until the step after which it pauses by itself
   */
  constructor(run: PreparedRun, runs: RunStore, emit: (event: RunEvent) => void, until: number) {
    this.#until = until;
    this.#run = run;
    this.#runs = runs;
    this.#emit = emit;
    this.#broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    // Awaited only beside other promises: alone it must not count as unhandled.
    this.#broken.catch(() => undefined);
  }

  /** Ends the run with this failure, even where the device does not answer any more. */
  fail(failure: Error): void {
    this.#failure ??= failure;
    this.#break(failure);
  }

  /** Asks the loop to stop after the step in flight and to save; resolves when it has. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#ended.catch(() => undefined);
  }

  /** Does something between two steps, when no rank of a mesh runs ahead. */
  between<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over) return work();
    const result = new Promise<T>((resolve, reject) => {
      this.#asked.push(() => work().then(resolve, reject));
    });
    return Promise.race([result, this.#broken]);
  }

  /**
   * True when all steps are done, false when paused.
   *
   * @param before what the first step waits for; a pause that is asked for meanwhile comes before that step
   * @throws RunFailure
   */
  run(before: Promise<unknown>): Promise<boolean> {
    const work = before
      .then(() => this.#train())
      .catch(async (error: Error) => {
        // Nobody waits on: neither the other ranks nor what was to be done between two steps.
        this.#run.trainer.abandon(error);
        // Whoever goes on from the last checkpoint must have been told of it.
        await this.#keeping;
        this.fail(error);
        throw error;
      });
    this.#ended = work;
    return Promise.race([work, this.#broken]);
  }

  async #train(): Promise<boolean> {
    const { trainer, preset, config, task, seed } = this.#run;
    const { schedule, steps } = preset;
    // Without a validation part there is nothing to score before the end.
    const evaluateEvery = task.samples.validation > 0 ? (config.evaluateEvery ?? 0) : 0;
    const checkpointMs = 1000 * (config.checkpointSeconds ?? DEFAULT_CHECKPOINT_SECONDS);
    this.#lastReport = this.#lastCheckpoint = performance.now();
    let evaluate = false;
    let save = false;
    let asked: (() => Promise<void>)[] = [];
    const options = { batches: trainer.batches, schedule, steps, seed, plateau: () => this.#run.plateau };
    await trainSteps(trainer, options, {
      before: step => {
        // On a mesh the others learn with a step that no further one follows at once: so a pause takes one more step.
        if (this.#paused && trainer.held) return undefined;
        if (this.#failure) throw this.#failure;
        if (step >= this.#until) this.#paused = true;
        evaluate = evaluateEvery > 0 && step % evaluateEvery === 0;
        save = !this.#keeping && performance.now() - this.#lastCheckpoint >= checkpointMs;
        asked = this.#asked.splice(0);
        return this.#paused || evaluate || save || asked.length > 0;
      },
      after: async () => {
        if (performance.now() - this.#lastReport >= REPORT_MS || trainer.losses.full) await this.report();
        if (evaluate) await this.#evaluate();
        if (save) await this.#save();
        for (const work of asked) await work();
      },
    });
    await this.report();
    await this.#save();
    await this.#keeping;
    if (this.#failure) throw this.#failure;
    // Of the last steps: what a sample leaves behind is read late.
    this.#reportTraces();
    for (let work = this.#asked.shift(); work; work = this.#asked.shift()) await work();
    this.#over = true;
    return trainer.step >= steps;
  }

  #learningRate(step: number): number {
    return learningRateAt(this.#run.preset.schedule, step, this.#run.preset.steps, this.#run.plateau);
  }

  /** Tells the losses of all steps up to now. @throws RunFailure where one is not finite */
  report(): Promise<void> {
    const report = this.#reports.then(() => this.#reportNext());
    this.#reports = report.catch(() => undefined);
    return report;
  }

  async #reportNext(): Promise<void> {
    const run = this.#run;
    const { trainer, preset } = run;
    const { step, losses, gradientNorms } = await trainer.losses.readSteps();
    const now = performance.now();
    const seconds = (now - this.#lastReport) / 1000;
    this.#lastReport = now;
    if (losses.length === 0) return;
    run.trainedSeconds += seconds;
    run.trainedSamples += losses.length * preset.batch;
    const dataMs = trainer.batches.waitedMs - run.dataMs;
    run.dataMs += dataMs;
    if (Number.isNaN(run.lossFirst)) run.lossFirst = losses[0];
    const bad = losses.findIndex(loss => !Number.isFinite(loss));
    if (bad >= 0) {
      throw new RunFailure(
        'loss-nan',
        `The loss became ${losses[bad]} at step ${count(step - losses.length + 1 + bad)}: the last checkpoint is kept. ` +
          'Lower the learning rate, or resume from the checkpoint with another seed.',
        true,
      );
    }
    run.lossLast = losses[losses.length - 1];
    const samplesPerSecond = run.trainedSamples / run.trainedSeconds;
    this.#emit({
      type: 'metrics',
      step,
      losses,
      // A plateau schedule changes with a score, before which all steps are reported.
      learningRates: losses.map((_, i) => this.#learningRate(step - losses.length + 1 + i)),
      gradientNorms,
      seconds,
      samplesPerSecond,
      dataMs: dataMs / losses.length,
      secondsLeft: ((preset.steps - step) * preset.batch) / samplesPerSecond,
      gpuBusySeconds: trainer.gpuBusySeconds,
    });
    this.#reportRanks();
    this.#reportTraces();
  }

  #reportTraces(): void {
    const { trainer } = this.#run;
    const traces = trainer.takeTraces();
    const { trace } = trainer.program;
    if (traces && trace) {
      this.#emit({ type: 'trace', origin: performance.timeOrigin + trace.origin, traces });
    }
  }

  #reportRanks(): void {
    const { trainer, task, toldNotes } = this.#run;
    // Of samples that turned out to be damaged when they were read.
    const notes = (task.notes ?? []).filter(note => !toldNotes.has(note));
    for (const note of notes) toldNotes.add(note);
    for (const message of [...trainer.takeWarnings(), ...notes]) this.#emit({ type: 'warning', message });
    if (trainer.alone) return;
    const ranks = takeReports(this.#run);
    if (ranks.length > 0) this.#emit({ type: 'ranks', step: trainer.step, ranks });
  }

  async #evaluate(): Promise<void> {
    const run = this.#run;
    await this.report();
    const { trainer, task, preset } = run;
    const scores = await task.evaluate(trainer, 'validation');
    const demerit = demeritOf(scores);
    if (preset.schedule.kind === 'plateau' && demerit !== undefined) {
      run.plateau = afterEvaluation(run.plateau, demerit, preset.schedule.patience);
    }
    this.#emit({ type: 'scores', step: trainer.step, part: 'validation', scores });
    this.#lastReport = performance.now();
  }

  /** Takes a checkpoint after the one before is kept; reading and storing it goes on beside the training. */
  async #save(): Promise<void> {
    await this.#keeping;
    const taken = await takeCheckpoint(this.#run);
    this.#lastCheckpoint = performance.now();
    this.#keeping = this.#keep(taken)
      .catch((error: Error) => this.fail(error))
      .finally(() => {
        this.#keeping = undefined;
      });
  }

  /** Stores a checkpoint; a full disk is told and the run goes on, with the one before it still there. */
  async #keep({ label, bytes }: TakenCheckpoint): Promise<void> {
    const { info, config } = label;
    // Nothing but finite losses may replace a good checkpoint.
    await this.report();
    const file = await bytes;
    // What ranks tell of their last steps comes before their state.
    this.#reportRanks();
    const warning = await this.#runs.save(info, config, file).then(
      () => undefined,
      (error: unknown) => storageWarning(error, file.byteLength),
    );
    this.#run.checkpoint = file;
    if (warning === undefined) this.#emit({ type: 'checkpoint', step: info.step, bytes: file.byteLength });
    else this.#emit({ type: 'warning', message: warning });
  }
}

/** Every rank's means over its steps since the last report; ranks that had none in this time are left out. */
function takeReports(run: PreparedRun): RankReport[] {
  const times = run.trainer.takeTimes();
  const roundTrips = run.trainer.roundTrips();
  run.rankTimes = times.map((more, rank) => addTimes(run.rankTimes[rank] ?? noTimes, more));
  return times.flatMap((sum, rank): RankReport[] => {
    if (sum.steps === 0) return [];
    return [
      {
        rank,
        bytesSent: sum.bytesSent / sum.steps,
        messagesSent: sum.messagesSent / sum.steps,
        stepMs: sum.wallMs / sum.steps,
        dataMs: sum.dataMs / sum.steps,
        exchangeMs: sum.exchangeMs / sum.steps,
        exposedExchangeMs: sum.exposedExchangeMs / sum.steps,
        roundTripMs: roundTrips[rank],
        ...readsOf(sum.bytesRead, sum.steps, run.trainer.shards[rank].idealReadBytes),
      },
    ];
  });
}

function storageWarning(error: unknown, checkpointBytes: number): string {
  const size = bytes(checkpointBytes);
  return isStorageFull(error)
    ? `The browser's storage is full: a checkpoint of ${size} was not saved. The one before it is kept, and training ` +
        'goes on. Free some disk space, or export the checkpoint to a file.'
    : `A checkpoint of ${size} could not be saved in this browser (${(error as Error).message}). Training goes on; ` +
        'export the checkpoint to a file.';
}
