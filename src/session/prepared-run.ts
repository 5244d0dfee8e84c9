/** All that belongs to one prepared run: its data, its task, its model on the device, and how far it has come. */

import { DataError, type Progress } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { makeTask } from '../data/make-task.ts';
import type { ForecastTask } from '../data/task.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { checkLimits } from '../graph/limits.ts';
import { typicalMachine } from '../graph/schedule.ts';
import { checkMesh } from '../models/sharded-config.ts';
import { ConfigError, tokensOf, type WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { forwardFlops, parameterCount } from '../models/weathermixer-size.ts';
import type { Links } from '../parallel/links.ts';
import { meshName, placeOf, ranksOf } from '../parallel/mesh.ts';
import { MeshTrainer } from '../parallel/mesh-trainer.ts';
import type { Program, RankTimes } from '../parallel/program.ts';
import { sharedChoice } from '../parallel/rank-data.ts';
import { copyHolders } from '../parallel/shard-copies.ts';
import { type BatchFeed, batchFeed } from '../train/batch-feed.ts';
import { batchSource } from '../train/batches.ts';
import {
  type CheckpointInfo,
  type CheckpointLabel,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../train/checkpoint.ts';
import type { ModelTrainer } from '../train/model-trainer.ts';
import { trainingPlan } from '../train/plans.ts';
import { freshPlateau, type PlateauState } from '../train/schedule.ts';
import { Trainer } from '../train/trainer.ts';
import type {
  AdapterSummary,
  DataChoice,
  KeptChoice,
  KeptConfig,
  MemorySummary,
  RunConfig,
  RunInfo,
} from './api.ts';
import type { Preset } from './presets.ts';
import { modelFor, settingsOf } from './settings.ts';

/** On a software adapter buffers are main memory: leave most of it to the rest of the machine. */
const SOFTWARE_BUDGET_BYTES = 4 * 2 ** 30;

export interface PreparedRun {
  readonly config: RunConfig;
  readonly preset: Preset;
  readonly model: WeatherMixerConfig;
  readonly task: ForecastTask;
  readonly trainer: ModelTrainer;
  /** The same, where it lies on a mesh. */
  readonly mesh: MeshTrainer | undefined;
  readonly batches: BatchFeed;
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
  /** Sums of every rank's times since the run was prepared. */
  rankTimes: RankTimes[];
}

/** What a run is made from beside its config. */
export interface RunResources {
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
  /** To the other ranks, for a config with a mesh. */
  readonly links: Links | undefined;
  /** The page of every rank that is linked. */
  readonly pages?: readonly string[];
  readonly progress: Progress;
  /** Of a run on the same data, so that they need not be read again. */
  readonly task?: ForecastTask;
}

/** @throws DataError, ConfigError, TooLargeError, PeerError */
export async function prepareRun(config: RunConfig, resources: RunResources): Promise<PreparedRun> {
  const { gpu, progress } = resources;
  const preset = settingsOf(config);
  const memoryBudget = gpu.software ? SOFTWARE_BUDGET_BYTES : undefined;
  if (preset.store && config.data.kind === 'embedded') {
    throw new DataError(
      `The preset ${config.preset} is for a WeatherBench 2 store, not for the embedded atmosphere: give it NetCDF files ` +
        'of such fields, or choose another preset.',
    );
  }
  if (preset.published) checkPublished(gpu, preset, preset.published, memoryBudget);
  const task = resources.task ?? makeTask(await loadDataset(config.data, progress), preset.task);
  const model = modelFor(preset, task);
  progress('Compiling the model', 0);
  let run: PreparedRun | undefined;
  const made = await makeTrainer(config, preset, model, task, resources, () => run?.plateau ?? freshPlateau);
  progress('Compiling the model', 1);
  run = {
    config,
    preset,
    model,
    task,
    ...made,
    info: infoOf(config, gpu, task, model, made),
    seed: config.seed,
    plateau: freshPlateau,
    savedAt: 0,
    lossFirst: Number.NaN,
    lossLast: Number.NaN,
    trainedSeconds: 0,
    trainedSamples: 0,
    dataMs: 0,
    checkpoint: undefined,
    rankTimes: [],
  };
  return run;
}

type Made = Pick<PreparedRun, 'trainer' | 'mesh' | 'batches'>;

async function makeTrainer(
  config: RunConfig,
  preset: Preset,
  model: WeatherMixerConfig,
  task: ForecastTask,
  { gpu, pipelines, links, pages }: RunResources,
  plateau: () => PlateauState,
): Promise<Made> {
  const { optimizer, batch, schedule, steps } = preset;
  const masked = task.dataset.hasMissing;
  const { seed, mesh: shape } = config;
  if (!shape || ranksOf(shape) === 1) {
    const memoryBudget = gpu.software ? SOFTWARE_BUDGET_BYTES : undefined;
    const options = { model, optimizer, batch, masked, seed, memoryBudget };
    const trainer = await Trainer.create(gpu, pipelines, options);
    trainer.setLossWeight(Float32Array.from(task.lossWeight));
    return { trainer, mesh: undefined, batches: batchFeed(batchSource(task, batch)) };
  }
  checkMesh(model, shape, batch);
  const { microBatches = 1, overlap = true, wire, rows, columns, replicas } = shape;
  if ((batch / replicas) % microBatches !== 0) {
    throw new ConfigError(
      `${batch / replicas} samples of a rank cannot be cut into ${microBatches} micro-batches.`,
    );
  }
  if (links?.size !== ranksOf(shape)) {
    throw new ConfigError(
      `The mesh ${meshName(shape)} has ${ranksOf(shape)} ranks; ${links ? `${links.size} are` : 'none is'} connected.`,
    );
  }
  const program: Program = {
    run: crypto.getRandomValues(new Uint32Array(1))[0],
    model,
    optimizer,
    schedule,
    steps,
    seed,
    mesh: { rows, columns, replicas },
    copyTo: copyHolders(shape, pages),
    globalBatch: batch,
    masked,
    microBatches,
    overlap: overlap ? typicalMachine : undefined,
    wire,
    softwareBudget: SOFTWARE_BUDGET_BYTES,
  };
  const trainer = await MeshTrainer.create(
    gpu,
    pipelines,
    links,
    program,
    task,
    plateau,
    sharedChoice(config.data),
  );
  return { trainer, mesh: trainer, batches: trainer.batches };
}

/** A published size is checked on its own grid first: what it would take is what the user wants to know. */
function checkPublished(
  gpu: Gpu,
  preset: Preset,
  model: WeatherMixerConfig,
  budget: number | undefined,
): void {
  checkLimits(trainingPlan(model, preset.batch, preset.optimizer, false).plan, gpu.limits, budget);
  throw new DataError(
    `This adapter could hold the published size, but it needs data of ${model.height} x ${model.width} points with ` +
      `${model.channels} channels, which no source here offers yet. Choose the demo or regional preset.`,
  );
}

export function adapterSummary({ info, features, limits, software }: Gpu): AdapterSummary {
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    description: info.description,
    features: [...features],
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxBufferSize: limits.maxBufferSize,
    software,
  };
}

function memoryOf(bytes: Readonly<Record<string, number>>, data: number): MemorySummary {
  const of = (...spaces: string[]) => spaces.reduce((sum, space) => sum + (bytes[space] ?? 0), 0);
  return {
    parameters: of('parameters'),
    gradients: of('gradients'),
    optimizer: of('moment1', 'moment2', 'average', 'hyper', 'norm'),
    activations: of('arena'),
    inputs: of('inputs'),
    exchange: of('exchange', 'reduction', 'wire'),
    data,
    total: of(...Object.keys(bytes)),
  };
}

function infoOf(
  config: RunConfig,
  gpu: Gpu,
  task: ForecastTask,
  model: WeatherMixerConfig,
  { trainer, mesh }: Made,
): RunInfo {
  const { dataset, train, validation, test } = task;
  return {
    // Without the bytes of the files: they are large, and the page has them.
    config: config.data.kind === 'files' ? { ...config, data: { kind: 'files', files: [] } } : config,
    adapter: adapterSummary(gpu),
    source: dataset.source,
    synthetic: dataset.synthetic,
    channels: dataset.channels,
    latitude: dataset.latitude,
    longitude: dataset.longitude,
    stepHours: dataset.stepHours * task.options.leadSteps,
    samples: { train: train.length, validation: validation.length, test: test.length },
    parameterCount: parameterCount(model),
    forwardFlops: forwardFlops(model),
    tokens: tokensOf(model),
    batch: trainer.batch,
    memory: memoryOf(trainer.bytesBySpace(), dataset.values.byteLength),
    dispatches: trainer.dispatches,
    step: trainer.step,
    ranks: (mesh?.shards ?? []).map(({ bytes, dataBytes }, rank) => ({
      ...placeOf(config.mesh!, rank),
      memory: memoryOf(bytes, dataBytes),
      bytesReadFromData: mesh?.bytesRead?.[rank] ?? dataBytes,
    })),
  };
}

/** What is told of a run that is kept, beside its arrays. */
interface RunLabel extends CheckpointLabel {
  readonly config: KeptConfig;
}

/** The checkpoint file of a run as it is now; on a mesh the ranks keep it too. */
export async function checkpointOf(run: PreparedRun): Promise<RunLabel & { bytes: Uint8Array<ArrayBuffer> }> {
  const { trainer, model, task, config, preset, seed, lossFirst, lossLast, plateau } = run;
  run.savedAt = Math.max(Date.now(), run.savedAt + 1);
  const info: CheckpointInfo = {
    preset: config.preset,
    model,
    channels: task.dataset.channels.map(({ name }) => name),
    source: task.dataset.source,
    seed,
    step: trainer.step,
    steps: preset.steps,
    lossFirst,
    lossLast,
    plateau,
    savedAt: run.savedAt,
  };
  const label = { info, config: { ...config, seed, data: keptChoice(config.data) } };
  const state = await trainer.readState(label);
  const bytes = encodeCheckpoint({ info, state, normalisation: task.normalisation }, trainer.layout);
  return { ...label, bytes };
}

/** The contents of files are large, and a page may not open a folder again unasked. */
function keptChoice(data: DataChoice): KeptChoice {
  const kept = data.kind === 'embedded' || (data.kind === 'zarr' && data.source.kind === 'url');
  return kept ? data : { kind: data.kind };
}

/**
 * Puts the run where the checkpoint left off; nothing is changed where it is refused. The ranks of a mesh keep it, as
 * they keep those that follow.
 * @throws CheckpointError
 */
export async function restoreCheckpoint(run: PreparedRun, bytes: Uint8Array): Promise<void> {
  const { trainer, model, preset } = run;
  const { info, state } = decodeCheckpoint(bytes, model, trainer.layout, trainer.stateSpaces);
  await trainer.writeState(state, Math.min(info.step, preset.steps));
  run.seed = info.seed;
  run.plateau = info.plateau;
  run.lossFirst = info.lossFirst;
  run.lossLast = info.lossLast;
  run.savedAt = info.savedAt;
  run.checkpoint = run.mesh ? (await checkpointOf(run)).bytes : Uint8Array.from(bytes);
}
