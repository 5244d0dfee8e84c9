/** From a config to a trainer with its data: in one piece, or spread over the ranks of a mesh. */
import { openBoxed } from '../data/boxed-source.ts';
import type { DataChoice } from '../data/choice/choice.ts';
import type { Progress } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { meshName, ranksOf } from '../mesh/mesh.ts';
import { ConfigError, type WeatherMixerConfig } from '../models/weathermixer-config.ts';
import type { Links } from '../parallel/links.ts';
import { MeshTrainer } from '../parallel/mesh-trainer.ts';
import { cutShards, readShards, type ShardSupply, type SplitReading } from '../parallel/rank-data.ts';
import { copyHolders } from '../parallel/shard-copies.ts';
import { typicalMachine } from '../plan/machine.ts';
import { makeTask } from '../tasks/forecast/make-task.ts';
import { gridFrame, taskShapeOf } from '../tasks/forecast/slice-moments.ts';
import type { ForecastTask } from '../tasks/forecast/task.ts';
import { type BatchFeed, batchFeed } from '../train/batch-feed.ts';
import { batchSource } from '../train/batches.ts';
import type { ModelTrainer } from '../train/model-trainer.ts';
import type { PlateauState } from '../train/schedule.ts';
import { Trainer } from '../train/trainer.ts';
import type { Preset } from './api/presets.ts';
import type { MeshConfig, RunConfig } from './api/run-config.ts';
import { checkMeshConfig, modelFor } from './api/settings.ts';

/** On a software adapter buffers are main memory: leave most of it to the rest of the machine. */
export const SOFTWARE_BUDGET_BYTES = 4 * 2 ** 30;

/** What a run is made from beside its config. */
export interface RunResources {
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
  /** To the other ranks, for a config with a mesh. */
  readonly links: Links | undefined;
  /** The page of every rank that is linked. */
  readonly pages?: readonly string[];
  readonly progress: Progress;
  /** A run on the same data, so that they need not be read again. */
  readonly before?: TaskRead & Pick<Made, 'reading'>;
}

/** A task, and bytes of the data that were read to train on it, by all ranks, compressed. */
interface TaskRead {
  readonly task: ForecastTask;
  readonly bytesRead: number;
}

export interface Made extends TaskRead {
  readonly model: WeatherMixerConfig;
  readonly trainer: ModelTrainer;
  /** The same, where it lies on a mesh. */
  readonly mesh: MeshTrainer | undefined;
  readonly batches: BatchFeed;
  /** Where every rank read its own part of the data. */
  readonly reading: SplitReading | undefined;
}

/**
 * @param plateau the state of a plateau schedule whenever training goes on
 * @throws DataError, ConfigError, TooLargeError, PeerError
 */
export function makeTrainer(
  config: RunConfig,
  preset: Preset,
  resources: RunResources,
  plateau: () => PlateauState,
): Promise<Made> {
  const { data, seed, mesh } = config;
  if (!mesh || ranksOf(mesh) === 1) return makeWhole(data, preset, seed, resources);
  return makeSpread(data, preset, seed, mesh, resources, plateau);
}

async function makeWhole(
  data: DataChoice,
  preset: Preset,
  seed: number,
  resources: RunResources,
): Promise<Made> {
  const { gpu, pipelines, progress } = resources;
  const { task, bytesRead } = await wholeTask(data, preset, resources);
  const model = modelFor(preset, task);
  progress('Compiling the model', 0);
  const { optimizer, batch, accumulate } = preset;
  const masked = task.dataset.hasMissing;
  const memoryBudget = gpu.software ? SOFTWARE_BUDGET_BYTES : undefined;
  const options = { model, optimizer, batch, accumulate, masked, seed, memoryBudget };
  const trainer = await Trainer.create(gpu, pipelines, options);
  progress('Compiling the model', 1);
  trainer.setLossWeight(Float32Array.from(task.lossWeight));
  const batches = batchFeed(batchSource(task, batch), () => trainer.idleSince);
  return { task, bytesRead, model, trainer, mesh: undefined, batches, reading: undefined };
}

async function makeSpread(
  data: DataChoice,
  preset: Preset,
  seed: number,
  mesh: MeshConfig,
  resources: RunResources,
  plateau: () => PlateauState,
): Promise<Made> {
  const { gpu, pipelines, pages, progress } = resources;
  const { optimizer, batch, accumulate = 1, schedule, steps } = preset;
  const { microBatches = 1, overlap = true, wire, rows, columns, replicas } = mesh;
  const links = linksOf(mesh, resources);
  const shape = { rows, columns, replicas };
  const { model, supply, bytesRead } = await supplyFor(data, preset, mesh, links, resources);
  progress('Compiling the model', 0);
  const program = {
    run: crypto.getRandomValues(new Uint32Array(1))[0],
    model,
    optimizer,
    schedule,
    steps,
    seed,
    mesh: shape,
    copyTo: copyHolders(shape, pages),
    globalBatch: batch,
    masked: supply.task.dataset.hasMissing,
    accumulate,
    microBatches,
    overlap: overlap ? typicalMachine : undefined,
    wire,
    softwareBudget: SOFTWARE_BUDGET_BYTES,
  };
  const trainer = await MeshTrainer.create(gpu, pipelines, links, program, supply, plateau);
  progress('Compiling the model', 1);
  const { task, reading } = supply;
  return { task, bytesRead, model, trainer, mesh: trainer, batches: trainer.batches, reading };
}

/** The model, and the shards of the data: read by every rank for itself where the source allows it. */
async function supplyFor(
  data: DataChoice,
  preset: Preset,
  mesh: MeshConfig,
  links: Links,
  resources: RunResources,
): Promise<{ readonly model: WeatherMixerConfig; readonly supply: ShardSupply; readonly bytesRead: number }> {
  const checkedModel = (shape: Parameters<typeof modelFor>[1]) => {
    const model = modelFor(preset, shape);
    checkMeshConfig(model, mesh, preset);
    return model;
  };
  if (data.kind === 'embedded') {
    const { task, bytesRead } = await wholeTask(data, preset, resources);
    const model = checkedModel(task);
    return { model, supply: cutShards({ model, mesh }, task), bytesRead };
  }
  const { progress } = resources;
  const before = resources.before?.reading;
  const source = before?.kept.source ?? (await openBoxed(data));
  const model = checkedModel(taskShapeOf(gridFrame(source.fields, preset.task)));
  const split = { choice: data, source, options: preset.task, before };
  const supply = await readShards(links, { model, mesh }, split, progress);
  return { model, supply, bytesRead: supply.reading.bytesRead.reduce((sum, bytes) => sum + bytes, 0) };
}

/** The task with all of its data in memory. */
async function wholeTask(
  data: DataChoice,
  preset: Preset,
  { before, progress }: RunResources,
): Promise<TaskRead> {
  if (before && before.task.dataset.firstStep === undefined) return before;
  const { dataset, bytesRead } = await loadDataset(data, progress);
  return { task: makeTask(dataset, preset.task), bytesRead };
}

function linksOf(mesh: MeshConfig, { links }: RunResources): Links {
  if (links?.size === ranksOf(mesh)) return links;
  throw new ConfigError(
    `The mesh ${meshName(mesh)} has ${ranksOf(mesh)} ranks; ${links ? `${links.size} are` : 'none is'} connected.`,
  );
}
