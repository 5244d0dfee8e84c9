/**
 * One run at a time, from data to scores: the worker's side of `SessionApi`. It owns the device and the run, and
 * tells its listeners what happens.
 */

import { completedChoice, type DataChoice } from '../data/choice/choice.ts';
import { measureSpeed } from '../engine/speed-test.ts';
import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError } from '../gpu/mapping.ts';
import type { WriteAt } from '../io/write-at.ts';
import type { RankLook } from '../parallel/mesh-trainer.ts';
import { linksToNobody, type RankLinks } from '../parallel/rank-links.ts';
import type { ShardCopy } from '../parallel/shard-copies.ts';
import { type Tuning, tuningWith } from '../parallel/tuning.ts';
import { hashOf } from '../plan/hash.ts';
import type { Looked } from '../plan/look.ts';
import type { Score } from '../tasks/score.ts';
import type { ForecastRequest, SavedForecasts, ScoredPart } from '../tasks/task.ts';
import type { View, ViewChoice } from '../tasks/view.ts';
import type { FormsByAdapter } from '../train/measured-forms.ts';
import { freshPlateau } from '../train/schedule.ts';
import type { AdapterSummary } from './api/adapter.ts';
import { adapterSummary } from './api/adapter.ts';
import type {
  ExportedCheckpoint,
  GradientDifference,
  HashedPlan,
  Rehearsal,
  RunEvent,
  RunInfo,
  RunResult,
  RunStatus,
  SavedRun,
  SessionApi,
} from './api/api.ts';
import type { Wiring } from './api/rank-api.ts';
import type { MeshConfig, RunConfig } from './api/run-config.ts';
import { deviceLost, RunFailure } from './errors.ts';
import { filtersSpec, filtersView } from './filters-view.ts';
import { FormKeeper } from './form-keeper.ts';
import { formStore } from './form-storage.ts';
import { Listeners } from './listeners.ts';
import {
  checkpointFiles,
  computesAlike,
  originOf,
  type PreparedRun,
  prepareRun,
  readCheckpoint,
  restoreCheckpoint,
  takeCheckpoint,
} from './prepared-run.ts';
import { resultOf } from './run-result.ts';
import type { RunStore } from './saved-runs.ts';
import { SessionDevice } from './session-device.ts';
import { TrainingLoop } from './training-loop.ts';

const ignore = () => undefined;

export class Session implements SessionApi {
  readonly #device: SessionDevice;
  readonly #runs: RunStore;
  readonly #tuning: Tuning;
  readonly #forms: FormKeeper;
  readonly #listeners = new Listeners();
  #run: PreparedRun | undefined;
  /** The run that `regroup` is to go on with, while no other has taken over or the device is lost. */
  #interrupted: PreparedRun | undefined;
  #loop: TrainingLoop | undefined;
  #links: RankLinks | undefined;
  /** The page of every rank that is linked. */
  #pages: Wiring['pages'];
  #testScores: readonly Score[] | undefined;
  /** What uses the whole model of a mesh while it does not train. */
  readonly #working = new Set<Promise<void>>();
  /** Runs that made room for another: what is still asked of one of them fails. */
  readonly #replaced = new WeakSet<PreparedRun>();

  /**
   * @param open opens a device; called again after one was lost.
   * @param runs where checkpoints are kept
   * @param tuning how the fastest forms of products are found and kept
   */
  constructor(open: () => Promise<Gpu>, runs: RunStore, tuning = tuningWith(formStore)) {
    this.#runs = runs;
    this.#tuning = tuning;
    this.#device = new SessionDevice(open, {
      onRefused: message =>
        this.#fail(new RunFailure('internal', `The graphics device refused a command: ${message}`, false)),
      onLost: message => this.#lose(message),
    });
    this.#forms = new FormKeeper(this.#device, tuning);
  }

  async subscribe(listener: (event: RunEvent) => unknown): Promise<void> {
    this.#listeners.add(listener);
  }

  adapter(): Promise<AdapterSummary> {
    return this.#listeners.running(async () => adapterSummary((await this.#device.open()).gpu));
  }

  speed(): Promise<number> {
    return this.#listeners.answering(async () => {
      const { gpu, pipelines } = await this.#device.open();
      return measureSpeed(gpu, pipelines);
    });
  }

  async connect({ rank, ports, generation, silenceMs, pages }: Wiring): Promise<void> {
    const { byRank, Links } = await import('../parallel/links.ts');
    this.#pages = pages;
    this.#links?.close();
    this.#links = new Links({ rank, ports: byRank(ports), generation, silenceMs, pages });
  }

  prepare(config: RunConfig, checkpoint?: Uint8Array): Promise<RunInfo> {
    this.#interrupted = undefined;
    return this.#listeners.running(async () => {
      const forms = checkpoint ? (await checkpointFiles()).readCheckpointInfo(checkpoint).forms : {};
      return this.#prepare(config, forms);
    });
  }

  /**
   * @param forms how the run that goes on computes its products
   * @param before a run on the same data
   */
  async #prepare(
    config: RunConfig,
    forms: FormsByAdapter | undefined,
    before?: PreparedRun,
  ): Promise<RunInfo> {
    this.#listeners.status('preparing');
    const old = this.#run;
    await this.#release();
    if (!before) old?.close?.();
    const device = await this.#device.open();
    this.#run = await prepareRun(config, {
      ...device,
      links: this.#links,
      pages: this.#pages,
      progress: this.#listeners.progress,
      before,
      tuning: this.#tuning,
      forms,
    });
    this.#listeners.status('ready');
    return this.#run.info;
  }

  regroup(mesh: MeshConfig | undefined): Promise<RunInfo> {
    return this.#listeners.running(async () => {
      // Kept until the new ranks have taken over: one of them, or the device, may be lost in the meantime.
      this.#interrupted ??= this.#run;
      const before = this.#interrupted ?? this.#prepared();
      const { config, checkpoint, seed, forms } = before;
      const info = await this.#prepare({ ...config, mesh, seed }, forms, before);
      if (checkpoint) {
        await restoreCheckpoint(this.#prepared(), checkpoint).catch((error: Error) => {
          this.#run?.trainer.destroy();
          this.#run = undefined;
          throw error;
        });
      }
      this.#interrupted = undefined;
      this.#listeners.status('paused');
      return { ...info, step: this.#prepared().trainer.step };
    });
  }

  train(most = Number.POSITIVE_INFINITY): Promise<RunStatus> {
    return this.#listeners.running(async () => {
      const run = this.#prepared();
      if (this.#loop) throw new RunFailure('internal', 'The run is already training.', false);
      this.#testScores = undefined;
      this.#listeners.status('running');
      // Now, while the server of the page can be reached: it may be gone when a checkpoint is due.
      checkpointFiles().catch(ignore);
      const until = run.trainer.step + most;
      this.#loop = new TrainingLoop(run, this.#runs, event => this.#listeners.emit(event), until);
      try {
        // On a mesh the other ranks have their part in what is under way; what is asked for now waits for a step.
        const finished = await this.#loop.run(Promise.all(this.#working));
        if (finished) await this.#finalScores(run);
        const status = finished ? 'done' : 'paused';
        this.#listeners.status(status);
        return status;
      } finally {
        this.#loop = undefined;
      }
    });
  }

  async pause(): Promise<void> {
    await this.#loop?.pause();
  }

  reset(seed: number): Promise<void> {
    return this.#listeners.reporting(async () => {
      await this.pause();
      const run = this.#prepared();
      await run.trainer.reset(seed);
      run.checkpoint = undefined;
      run.seed = seed;
      run.plateau = freshPlateau;
      run.lossFirst = Number.NaN;
      run.lossLast = Number.NaN;
      this.#testScores = undefined;
      this.#listeners.status('ready');
    });
  }

  view(name: string, choice: ViewChoice): Promise<View> {
    return this.#whenHeld(async ({ task, trainer }) => {
      if (task.views.some(view => view.name === name)) return task.view(trainer, name, choice);
      const filters = name === filtersSpec.name ? await filtersView(trainer) : undefined;
      if (filters) return filters;
      throw new RunFailure('internal', `The run has no view named ${name}.`, false);
    });
  }

  score(part: ScoredPart): Promise<readonly Score[]> {
    return this.#whenHeld(({ trainer, task }) => task.evaluate(trainer, part));
  }

  saveForecasts(request: ForecastRequest, write: WriteAt): Promise<SavedForecasts> {
    return this.#whenHeld(async ({ trainer, task, config }) => {
      if (!task.saveForecasts) {
        throw new RunFailure('internal', 'The run forecasts nothing that could be written.', false);
      }
      const origin = originOf({ preset: config.preset, step: trainer.step, source: task.source });
      return task.saveForecasts(trainer, request, origin, write, this.#listeners.progress);
    });
  }

  forecast(
    config: RunConfig,
    checkpoint: Uint8Array,
    request: ForecastRequest,
    write: WriteAt,
  ): Promise<SavedForecasts> {
    return this.#listeners.reporting(async () => {
      const device = await this.#device.open();
      const { progress } = this.#listeners;
      // Loaded when it is asked for.
      const { forecastRun } = await import('./forecast-run.ts');
      return forecastRun(device, this.#tuning, config, checkpoint, request, write, progress);
    });
  }

  plan(rank: number): Promise<readonly HashedPlan[]> {
    return this.#listeners.answering(async () => {
      const plans = this.#prepared().trainer.plansOf(rank);
      return plans.map(plan => ({ ...plan, hash: hashOf(plan) }));
    });
  }

  look(looks: readonly RankLook[]): Promise<readonly Looked[]> {
    return this.#listeners.answering(async () => {
      const run = this.#prepared();
      if (this.#loop) {
        throw new RunFailure('internal', 'The run is training: pause it to look at a step.', false);
      }
      return this.#ofRun(run, () => this.#beforeTraining(() => run.trainer.look(looks, run.seed)));
    });
  }

  rehearse(): Promise<Rehearsal | undefined> {
    return this.#listeners.answering(async () => {
      const run = this.#prepared();
      const { trace } = run.trainer.program;
      if (this.#loop || !trace) return undefined;
      const traces = await this.#beforeTraining(() => run.trainer.rehearse(run.seed));
      return traces && { origin: performance.timeOrigin + trace.origin, traces };
    });
  }

  sameAlone(): Promise<readonly GradientDifference[]> {
    return this.#listeners.answering(async () => {
      const run = this.#prepared();
      if (this.#loop) {
        throw new RunFailure('internal', 'The run is training: pause it to compare a step.', false);
      }
      if (run.trainer.program.accumulate > 1 && run.trainer.program.mesh.replicas > 1) {
        const why = 'Copies add their gradients up after the last pass of a step; the first is compared.';
        throw new RunFailure('internal', `${why} Choose one pass a step.`, false);
      }
      const device = await this.#device.open();
      return this.#beforeTraining(async () => {
        const { compareAlone } = await import('./same-alone.ts');
        return compareAlone(run, device, this.#tuning);
      });
    });
  }

  result(): Promise<RunResult> {
    return this.#listeners.reporting(async () => {
      const run = this.#prepared();
      const scores = this.#testScores ?? (await this.#ofRun(run, () => this.#finalScores(run)));
      return resultOf(run, scores);
    });
  }

  async savedRun(): Promise<SavedRun | undefined> {
    // Where storage cannot be read, as in some private windows, nothing was saved.
    return this.#runs.newest().catch(() => undefined);
  }

  resume(data?: DataChoice, mesh?: MeshConfig): Promise<RunInfo> {
    return this.#listeners.running(async () => {
      const kept = await this.#runs.take();
      const { config } = kept.saved;
      const choice = completedChoice(config.data, data);
      this.#interrupted = undefined;
      const { forms } = (await checkpointFiles()).readCheckpointInfo(kept.bytes);
      const wanted = { ...config, data: choice, mesh: mesh ?? config.mesh };
      const before = this.#run && hasSameData(this.#run.config, wanted) ? this.#run : undefined;
      const info = await this.#prepare(wanted, forms, before);
      await restoreCheckpoint(this.#prepared(), kept.bytes);
      this.#listeners.status('paused');
      return { ...info, step: this.#prepared().trainer.step };
    });
  }

  takeOver(room: string, copies: readonly ShardCopy[], ranks: number): Promise<SavedRun> {
    const { progress } = this.#listeners;
    const warn = (message: string) => this.#listeners.emit({ type: 'warning', message });
    const links = (ranks > 1 && this.#links) || linksToNobody();
    return this.#listeners.answering(async () => {
      const { takeOverRun } = await import('./takeover.ts');
      return takeOverRun(links, { room, copies }, ranks, this.#runs, { progress, warn });
    });
  }

  forgetSavedRun(): Promise<void> {
    return this.#runs.forget();
  }

  exportCheckpoint(): Promise<ExportedCheckpoint> {
    return this.#listeners.reporting(async () => {
      // Where a rank is lost, what the ranks saved last.
      const last = (this.#run ?? this.#interrupted)?.checkpoint;
      const loop = this.#loop;
      try {
        const { label, bytes } = await this.#held(() => takeCheckpoint(this.#prepared()));
        // Whoever keeps it has been told of every step that it has in it.
        await loop?.report();
        return { step: label.info.step, bytes: await bytes };
      } catch (error) {
        if (last) return { step: (await checkpointFiles()).readCheckpointInfo(last).step, bytes: last };
        throw error;
      }
    });
  }

  importCheckpoint(bytes: Uint8Array): Promise<number> {
    return this.#listeners.reporting(async () => {
      const info = (await checkpointFiles()).readCheckpointInfo(bytes);
      await this.pause();
      if (!computesAlike(this.#prepared(), info)) await this.#prepareAnew(bytes);
      const run = this.#prepared();
      await restoreCheckpoint(run, bytes);
      this.#testScores = undefined;
      this.#listeners.status('paused');
      return run.trainer.step;
    });
  }

  /** The prepared run, which computes its products as that of a checkpoint did; as it is where that is refused. */
  async #prepareAnew(checkpoint: Uint8Array): Promise<void> {
    const run = this.#prepared();
    const { forms } = (await readCheckpoint(run, checkpoint)).info;
    const { config, seed } = run;
    await this.#listeners.running(() => this.#prepare({ ...config, seed }, forms, run));
  }

  keptForms(): Promise<FormsByAdapter> {
    return this.#forms.kept();
  }

  keepForms(forms: unknown): Promise<void> {
    return this.#forms.keep(forms);
  }

  async close(): Promise<void> {
    await this.#release();
    this.#links?.close();
    this.#links = undefined;
    await this.#device.close();
  }

  #fail(failure: RunFailure): void {
    // A loop in progress fails with it and reports it; without one it is reported here.
    if (this.#loop) this.#loop.fail(failure);
    else this.#listeners.fail(failure);
  }

  #lose(message: string): void {
    this.#fail(deviceLost(message));
    this.#links?.fail(new DeviceLostError(message));
    this.#interrupted ??= this.#run;
    this.#run = undefined;
  }

  /** For what needs the whole model: on a mesh between two steps, for every rank has its part in it. */
  #held<T>(work: () => Promise<T>): Promise<T> {
    if (this.#run?.trainer.alone) return work();
    if (this.#loop) return this.#loop.between(work);
    return this.#beforeTraining(work);
  }

  /** For what must not meet a step that is trained: `train` waits for it. */
  #beforeTraining<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    const ended = working.then(ignore, ignore).finally(() => this.#working.delete(ended));
    this.#working.add(ended);
    return working;
  }

  #whenHeld<T>(work: (run: PreparedRun) => Promise<T>): Promise<T> {
    return this.#listeners.reporting(async () => {
      const run = this.#prepared();
      return this.#ofRun(run, () => this.#held(() => work(run)));
    });
  }

  /** What goes wrong only since the run made room for another says so. */
  async #ofRun<T>(run: PreparedRun, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#replaced.has(run)) throw error;
      throw new RunFailure('internal', 'Another run was prepared before this was done: ask again.', false);
    }
  }

  #prepared(): PreparedRun {
    if (!this.#run) throw new RunFailure('internal', 'No run is prepared.', false);
    return this.#run;
  }

  async #finalScores({ trainer, task }: PreparedRun): Promise<readonly Score[]> {
    const scores = await task.evaluate(trainer, 'test');
    this.#testScores = scores;
    this.#listeners.emit({ type: 'scores', step: trainer.step, part: 'test', scores });
    return scores;
  }

  async #release(): Promise<void> {
    await this.pause();
    while (this.#working.size > 0) await Promise.all(this.#working);
    if (this.#run) this.#replaced.add(this.#run);
    this.#run?.trainer.destroy();
    this.#run = undefined;
    this.#testScores = undefined;
  }
}

/** Whether one run can read the other's data as they are in memory. */
const hasSameData = (a: RunConfig, b: RunConfig): boolean =>
  a.data.kind === 'embedded' &&
  hashOf([a.data, a.preset, a.overrides]) === hashOf([b.data, b.preset, b.overrides]);
