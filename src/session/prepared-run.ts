/** All that belongs to one prepared run: its data, its task, its model on the device, and how far it has come. */

import { bareChoice } from '../data/choice/choice.ts';
import type { Gpu } from '../gpu/device.ts';
import { DataError } from '../io/data-error.ts';
import { count } from '../io/number-text.ts';
import { placeOf } from '../mesh/mesh.ts';
import { modelKind } from '../models/index.ts';
import type { MeshTrainer } from '../parallel/mesh-trainer.ts';
import type { RankTimes } from '../parallel/program.ts';
import { hashOf } from '../plan/hash.ts';
import { checkLimits } from '../plan/limits.ts';
import { workOf } from '../plan/work.ts';
import type { OpenedData, TaskTypes } from '../tasks/task.ts';
import { loadKinds } from '../train/load-kinds.ts';
import { type FormsByAdapter, formsOn, joinedByAdapter } from '../train/measured-forms.ts';
import { forecastPlan, trainingPlan } from '../train/plans.ts';
import { freshPlateau, type PlateauState } from '../train/schedule.ts';
import type { CheckpointInfo, CheckpointLabel } from '../train/trainer-state.ts';
import { adapterSummary } from './api/adapter.ts';
import type { RunInfo } from './api/api.ts';
import { memoryOf } from './api/memory.ts';
import { jobOf } from './api/plan-report.ts';
import type { Preset } from './api/presets.ts';
import type { KeptConfig, RunConfig } from './api/run-config.ts';
import { settingsOf } from './api/settings.ts';
import { filtersSpec } from './filters-view.ts';
import { makeTrainer, type RunResources, SOFTWARE_BUDGET_BYTES } from './make-trainer.ts';

export interface PreparedRun extends OpenedData<TaskTypes> {
  readonly config: RunConfig;
  readonly preset: Preset;
  readonly trainer: MeshTrainer;
  readonly info: RunInfo;
  /** Of the parameters' draw, the shuffles and the dropout masks. */
  seed: number;
  plateau: PlateauState;
  /** Of the newest checkpoint, by `CheckpointInfo`. */
  savedAt: number;
  lossFirst: number;
  lossLast: number;
  /** Seconds and samples of training in this session, for the rate, and milliseconds that steps waited for data. */
  trainedSeconds: number;
  trainedSamples: number;
  dataMs: number;
  /** The newest checkpoint of this session. */
  checkpoint: Uint8Array<ArrayBuffer> | undefined;
  /** What the user has been told of the data: see `RunTask.notes`. */
  readonly toldNotes: Set<string>;
  /** Sums of every rank's times since the run was prepared. */
  rankTimes: RankTimes[];
  /** How products are computed on every adapter that the run has been on. */
  forms: FormsByAdapter;
}

/** @throws DataError, ConfigError, TooLargeError, PeerError */
export async function prepareRun(config: RunConfig, resources: RunResources): Promise<PreparedRun> {
  const { gpu } = resources;
  const preset = settingsOf(config);
  await loadKinds(preset.model.kind, preset.task.kind);
  const memoryBudget = gpu.software ? SOFTWARE_BUDGET_BYTES : undefined;
  checkPublished(gpu, preset, config, memoryBudget);
  let run: PreparedRun | undefined;
  const plateau = () => run?.plateau ?? freshPlateau;
  const { trainer, data } = await makeTrainer(config, preset, resources, plateau);
  run = {
    ...data,
    config,
    preset,
    trainer,
    info: infoOf(config, gpu, trainer, data),
    seed: config.seed,
    plateau: freshPlateau,
    savedAt: 0,
    lossFirst: Number.NaN,
    lossLast: Number.NaN,
    trainedSeconds: 0,
    trainedSamples: 0,
    dataMs: 0,
    checkpoint: undefined,
    toldNotes: new Set(data.task.notes),
    rankTimes: [],
    forms: trainer.program.forms ?? {},
  };
  return run;
}

/** A published size is checked on its own grid first: what it would take is what the user wants to know. */
function checkPublished(
  gpu: Gpu,
  preset: Preset,
  { data, mesh }: RunConfig,
  budget: number | undefined,
): void {
  const { published, batch, accumulate, optimizer } = preset;
  // A mesh checks the share of each rank, once the data are cut.
  if (!published || (data.kind === 'synthetic' && mesh)) return;
  checkLimits(trainingPlan(jobOf(preset), batch, optimizer, { accumulate }).plan, gpu.limits, budget);
  if (data.kind === 'synthetic') return;
  throw new DataError(
    `This adapter could hold the published size, but it needs data of ${published.height} x ${published.width} points with ` +
      `${published.channels} channels, which no source here offers yet. Choose synthetic data, or the demo preset.`,
  );
}

function infoOf(config: RunConfig, gpu: Gpu, trainer: MeshTrainer, data: OpenedData<TaskTypes>): RunInfo {
  const { task, bytesRead, reading } = data;
  const { source, synthetic, notice, summary, samples, validationScores, views } = task;
  const { model, frame, mesh, globalBatch } = trainer.program;
  const { label, facts } = modelKind(model.kind);
  const ranks = trainer.shards.map(({ bytes, dataBytes }, rank) => ({
    ...placeOf(mesh, rank),
    memory: memoryOf(bytes, dataBytes),
    bytesReadFromData: reading?.bytesRead[rank] ?? dataBytes,
  }));
  return {
    config,
    adapter: adapterSummary(gpu),
    source,
    synthetic,
    notice,
    summary,
    samples,
    validationScores,
    views: modelKind(model.kind).filters ? [...views, filtersSpec] : views,
    task: frame.task,
    frame,
    model: label,
    modelConfig: model,
    facts: facts(model.config),
    parameterCount: trainer.layout.count,
    forwardFlops: workOf(forecastPlan(trainer.program, 1).plan).flops,
    batch: globalBatch,
    memory: memoryOf(trainer.bytesBySpace(), task.byteLength + ranks[0].memory.data),
    dispatches: trainer.dispatches,
    step: trainer.step,
    ranks: trainer.alone ? [] : ranks,
    bytesReadFromData: bytesRead,
    bytesReadToScore: reading?.bytesReadToScore ?? 0,
    dataNotes: [...(reading?.notes ?? []), ...(task.notes ?? [])],
  };
}

/** Reads and writes checkpoints: loaded when there is one to be read, and when training begins. */
export const checkpointFiles = () => import('../train/checkpoint.ts');

/** What made forecasts, in words: the model, the preset, the steps of training and the data. */
export const originOf = ({ preset, step, source }: Pick<CheckpointInfo, 'preset' | 'step' | 'source'>) =>
  `Isobar, preset ${preset}, after ${count(step)} training steps on ${source}`;

/** What is told of a run that is kept, beside its arrays. */
interface RunLabel extends CheckpointLabel {
  readonly config: KeptConfig;
}

/** A checkpoint of the moment at which it was asked for; its file follows while training may go on. */
export interface TakenCheckpoint {
  readonly label: RunLabel;
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Takes the checkpoint of a run as it is now; on a mesh, between two steps, the ranks keep it too. Resolves when
 * training may go on.
 */
export async function takeCheckpoint(run: PreparedRun): Promise<TakenCheckpoint> {
  const { trainer, task } = run;
  const { label, state } = await trainer.snapshot(step => labelOf(run, step));
  const { normalisation } = task;
  const bytes = Promise.all([state, checkpointFiles()]).then(([values, { encodeCheckpoint }]) =>
    encodeCheckpoint({ info: label.info, state: values, normalisation }, trainer.layout),
  );
  bytes.catch(() => undefined);
  return { label, bytes };
}

function labelOf(run: PreparedRun, step: number): RunLabel {
  const { trainer, task, config, preset, seed, lossFirst, lossLast, plateau, forms } = run;
  run.savedAt = Math.max(Date.now(), run.savedAt + 1);
  const info: CheckpointInfo = {
    preset: config.preset,
    model: trainer.program.model,
    channels: task.names,
    source: task.source,
    seed,
    step,
    steps: preset.steps,
    lossFirst,
    lossLast,
    plateau,
    savedAt: run.savedAt,
    forms,
  };
  const data = config.data.kind === 'embedded' ? config.data : bareChoice(config.data);
  return { info, config: { ...config, seed, data } };
}

/**
 * Whether the run computes its products as that of a checkpoint did, as far as it was on the same adapters with the same
 * products.
 */
export function computesAlike(run: PreparedRun, { forms }: CheckpointInfo): boolean {
  const own = run.trainer.program.forms ?? {};
  // It had the usual forms; which these are on an adapter its ranks know.
  if (!forms) return Object.keys(own).length === 0;
  return Object.entries(own).every(([adapter, table]) => {
    const theirs = new Map(formsOn(adapter, forms));
    return table.every(([name, form]) => hashOf(theirs.get(name) ?? form) === hashOf(form));
  });
}

/** @throws CheckpointError where a checkpoint is of another model or optimizer than the run */
export async function readCheckpoint({ trainer }: PreparedRun, bytes: Uint8Array) {
  const { decodeCheckpoint } = await checkpointFiles();
  return decodeCheckpoint(bytes, trainer.program.model, trainer.layout, trainer.stateSpaces);
}

/**
 * Puts the run where the checkpoint left off; nothing is changed where it is refused. The ranks of a mesh keep it, as
 * they keep those that follow.
 * @throws CheckpointError
 */
export async function restoreCheckpoint(run: PreparedRun, bytes: Uint8Array): Promise<void> {
  const { trainer, preset } = run;
  const { info, state } = await readCheckpoint(run, bytes);
  await trainer.writeState(state, Math.min(info.step, preset.steps));
  run.seed = info.seed;
  run.plateau = info.plateau;
  run.lossFirst = info.lossFirst;
  run.lossLast = info.lossLast;
  run.savedAt = info.savedAt;
  run.forms = joinedByAdapter(trainer.program.forms ?? {}, info.forms ?? {});
  run.checkpoint = trainer.alone ? Uint8Array.from(bytes) : await (await takeCheckpoint(run)).bytes;
}
