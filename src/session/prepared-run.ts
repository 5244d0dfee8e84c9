/** All that belongs to one prepared run: its data, its task, its model on the device, and how far it has come. */

import { DataError, type Progress } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { makeTask } from '../data/make-task.ts';
import type { ForecastTask } from '../data/task.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { checkLimits } from '../graph/limits.ts';
import { tokensOf, type WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { forwardFlops, parameterCount } from '../models/weathermixer-size.ts';
import { type BatchSource, batchSource } from '../train/batches.ts';
import { type CheckpointInfo, decodeCheckpoint, encodeCheckpoint } from '../train/checkpoint.ts';
import { trainingPlan } from '../train/plans.ts';
import { freshPlateau, type PlateauState } from '../train/schedule.ts';
import { Trainer } from '../train/trainer.ts';
import type { AdapterSummary, MemorySummary, RunConfig, RunInfo } from './api.ts';
import type { Preset } from './presets.ts';
import { modelFor, settingsOf } from './settings.ts';

/** On a software adapter buffers are main memory: leave most of it to the rest of the machine. */
const SOFTWARE_BUDGET_BYTES = 4 * 2 ** 30;

export interface PreparedRun {
  readonly config: RunConfig;
  readonly preset: Preset;
  readonly model: WeatherMixerConfig;
  readonly task: ForecastTask;
  readonly trainer: Trainer;
  readonly batches: BatchSource;
  readonly info: RunInfo;
  /** Of the parameters' draw, the shuffles and the dropout masks. */
  seed: number;
  plateau: PlateauState;
  lossFirst: number;
  lossLast: number;
  /** Seconds and samples of training in this session, for the rate. */
  trainedSeconds: number;
  trainedSamples: number;
}

/** @throws DataError, ConfigError, TooLargeError */
export async function prepareRun(
  gpu: Gpu,
  pipelines: PipelineCache,
  config: RunConfig,
  progress: Progress,
): Promise<PreparedRun> {
  const preset = settingsOf(config);
  const memoryBudget = gpu.software ? SOFTWARE_BUDGET_BYTES : undefined;
  if (preset.published) checkPublished(gpu, preset, preset.published, memoryBudget);
  const dataset = await loadDataset(config.data, progress);
  const task = makeTask(dataset, preset.task);
  const model = modelFor(preset, task);
  progress('Compiling the model', 0);
  const trainer = await Trainer.create(gpu, pipelines, {
    model,
    optimizer: preset.optimizer,
    batch: preset.batch,
    masked: dataset.hasMissing,
    seed: config.seed,
    memoryBudget,
  });
  trainer.setLossWeight(Float32Array.from(task.lossWeight));
  progress('Compiling the model', 1);
  return {
    config,
    preset,
    model,
    task,
    trainer,
    batches: batchSource(task, preset.batch),
    info: infoOf(config, gpu, task, model, trainer),
    seed: config.seed,
    plateau: freshPlateau,
    lossFirst: Number.NaN,
    lossLast: Number.NaN,
    trainedSeconds: 0,
    trainedSamples: 0,
  };
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

function memoryOf(trainer: Trainer): MemorySummary {
  const bytes = trainer.bytesBySpace();
  const of = (...spaces: string[]) => spaces.reduce((sum, space) => sum + (bytes[space] ?? 0), 0);
  return {
    parameters: of('parameters'),
    gradients: of('gradients'),
    optimizer: of('moment1', 'moment2', 'average', 'hyper', 'norm'),
    activations: of('arena'),
    inputs: of('inputs'),
    total: of(...Object.keys(bytes)),
  };
}

function infoOf(
  config: RunConfig,
  gpu: Gpu,
  task: ForecastTask,
  model: WeatherMixerConfig,
  trainer: Trainer,
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
    batch: trainer.options.batch,
    memory: memoryOf(trainer),
    dispatches: trainer.training.plan.steps.length,
    step: trainer.step,
  };
}

export async function checkpointOf(run: PreparedRun): Promise<Uint8Array<ArrayBuffer>> {
  const { trainer, model, task, config, preset, seed, lossFirst, lossLast, plateau } = run;
  const { step } = trainer;
  const state = await trainer.readState();
  const info: CheckpointInfo = {
    preset: config.preset,
    model,
    channels: task.dataset.channels.map(({ name }) => name),
    source: task.dataset.source,
    seed,
    step,
    steps: preset.steps,
    lossFirst,
    lossLast,
    plateau,
  };
  return encodeCheckpoint({ info, state, normalisation: task.normalisation }, trainer.layout);
}

/** Puts the run where the checkpoint left off; nothing is changed where it is refused. @throws CheckpointError */
export function restoreCheckpoint(run: PreparedRun, bytes: Uint8Array): void {
  const { trainer, model, preset } = run;
  const spaces = ['parameters', 'moment1', 'moment2', 'average'].filter(
    space => trainer.training.spaces[space],
  );
  const { info, state } = decodeCheckpoint(bytes, model, trainer.layout, spaces);
  trainer.writeState(state, Math.min(info.step, preset.steps));
  run.seed = info.seed;
  run.plateau = info.plateau;
  run.lossFirst = info.lossFirst;
  run.lossLast = info.lossLast;
}
