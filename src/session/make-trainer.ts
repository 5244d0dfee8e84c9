/** From a config to the data and the trainer of a run: in shards on the ranks of a mesh, which has one where none is wanted. */

import type { DataChoice } from '../data/choice/choice.ts';
import type { Progress } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { openBoxed } from '../data/open-boxed.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { meshName, ranksOf } from '../mesh/mesh.ts';
import { ConfigError, type Frame } from '../models/model.ts';
import { type Links, linksToNobody } from '../parallel/links.ts';
import { MeshTrainer } from '../parallel/mesh-trainer.ts';
import type { Program } from '../parallel/program.ts';
import {
  cutShards,
  type ReadTask,
  type RunData,
  readShards,
  type ShardSupply,
  wholeShard,
} from '../parallel/rank-data.ts';
import { copyHolders } from '../parallel/shard-copies.ts';
import type { Tuning } from '../parallel/tuning.ts';
import { typicalMachine } from '../plan/machine.ts';
import { frameOfShape } from '../tasks/forecast/frame.ts';
import { makeTask } from '../tasks/forecast/make-task.ts';
import { gridFrame, taskShapeOf } from '../tasks/forecast/slice-moments.ts';
import type { ForecastTask } from '../tasks/forecast/task.ts';
import type { FormsByAdapter } from '../train/measured-forms.ts';
import type { Job } from '../train/plans.ts';
import type { PlateauState } from '../train/schedule.ts';
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
  /** Of a run on the same data, so that they need not be read again. */
  readonly before?: RunData;
  readonly tuning: Tuning;
  /**
   * How the run that goes on computes its products, by adapter; of a new one, nothing is known yet. Undefined for one of a
   * version that had the usual forms only.
   */
  readonly forms: FormsByAdapter | undefined;
}

/** One rank, which has no exchange to hide. */
const alone: MeshConfig = { rows: 1, columns: 1, replicas: 1, overlap: false };

/**
 * @param plateau the state of a plateau schedule whenever training goes on
 * @throws DataError, ConfigError, TooLargeError, PeerError
 */
export async function makeTrainer(
  config: RunConfig,
  preset: Preset,
  resources: RunResources,
  plateau: () => PlateauState,
): Promise<{ readonly trainer: MeshTrainer; readonly data: RunData }> {
  const { gpu, pipelines, pages, progress, tuning, forms } = resources;
  const mesh = config.mesh && ranksOf(config.mesh) > 1 ? config.mesh : alone;
  const links = linksFor(mesh, resources.links);
  const { job, supply } = await supplyFor(config, preset, mesh, links, resources);
  progress('Compiling the model', 0);
  const program = { ...programOf(config, preset, mesh, job, pages), forms };
  const onTuning = (fraction: number) => progress('Measuring which kernels are fastest here', fraction);
  const trainer = await MeshTrainer.create(gpu, pipelines, links, program, supply, plateau, {
    tuning,
    onTuning,
  });
  progress('Compiling the model', 1);
  return { trainer, data: supply.data };
}

function programOf(
  { seed, trace }: RunConfig,
  { optimizer, batch, accumulate = 1, schedule, steps }: Preset,
  { microBatches = 1, overlap = true, wire, rows, columns, replicas }: MeshConfig,
  { model, frame }: Job,
  pages: RunResources['pages'],
): Program {
  const shape = { rows, columns, replicas };
  return {
    run: crypto.getRandomValues(new Uint32Array(1))[0],
    model,
    frame,
    optimizer,
    schedule,
    steps,
    seed,
    mesh: shape,
    copyTo: copyHolders(shape, pages),
    globalBatch: batch,
    accumulate,
    microBatches,
    overlap: overlap ? typicalMachine : undefined,
    wire,
    softwareBudget: SOFTWARE_BUDGET_BYTES,
    ...(trace ? { trace: { detail: trace, origin: performance.now() } } : {}),
  };
}

/** The model, and the shards of the data: read by every rank for itself where the source allows it. */
async function supplyFor(
  { data }: RunConfig,
  preset: Preset,
  mesh: MeshConfig,
  links: Links,
  { before, progress }: RunResources,
): Promise<{ readonly job: Job; readonly supply: ShardSupply }> {
  const layoutOf = (frame: Frame) => {
    const model = modelFor(preset, frame);
    checkMeshConfig(model, mesh, preset);
    return { model, frame, mesh };
  };
  const layoutFor = (task: ForecastTask) => layoutOf(frameOfShape(task, task.dataset.hasMissing));
  const made = (layout: ReturnType<typeof layoutOf>, supply: ShardSupply) => ({ job: layout, supply });
  if (mesh === alone) {
    // A rank that was alone before has the data as it needs them.
    if (before && !before.reading && !isWhole(before)) {
      return made(layoutFor(before.task), { data: before, others: [] });
    }
    const kept = before && isWhole(before) ? before : undefined;
    const whole = kept ?? (await wholeTask(data, preset, progress));
    const layout = layoutFor(whole.task);
    // What is kept is needed again where this run does not come about.
    return made(layout, wholeShard(layout, whole, !kept));
  }
  if (data.kind === 'embedded') {
    const whole = before && isWhole(before) ? before : await wholeTask(data, preset, progress);
    const layout = layoutFor(whole.task);
    return made(layout, cutShards(layout, whole));
  }
  const source = before?.reading?.kept.source ?? (await openBoxed(data));
  const shape = taskShapeOf(gridFrame(source.fields, preset.task));
  const split = { choice: data, source, options: preset.task, before: before?.reading };
  // Whether anything is missing is known when all ranks have read.
  const supply = await readShards(links, layoutOf(frameOfShape(shape, false)), split, progress);
  return made(layoutOf(frameOfShape(shape, supply.data.task.dataset.hasMissing)), supply);
}

/** All of the data set is in memory. */
const isWhole = ({ task }: RunData) => task.dataset.firstStep === undefined;

async function wholeTask(data: DataChoice, preset: Preset, progress: Progress): Promise<ReadTask> {
  const { dataset, bytesRead } = await loadDataset(data, progress);
  return { task: makeTask(dataset, preset.task), bytesRead };
}

function linksFor(mesh: MeshConfig, links: Links | undefined): Links {
  if (mesh === alone) return linksToNobody();
  if (links?.size === ranksOf(mesh)) return links;
  throw new ConfigError(
    `The mesh ${meshName(mesh)} has ${ranksOf(mesh)} ranks; ${links ? `${links.size} are` : 'none is'} connected.`,
  );
}
