/** From a config to the data and the trainer of a run: in shards on the ranks of a mesh, which has one where none is wanted. */

import type { Progress } from '../data/dataset.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { meshName, placeOf, ranksOf } from '../mesh/mesh.ts';
import { modelKind } from '../models/index.ts';
import { ConfigError, type Frame, type ModelConfig } from '../models/model.ts';
import { callsOver } from '../parallel/calls-over.ts';
import { MeshTrainer } from '../parallel/mesh-trainer.ts';
import type { Program } from '../parallel/program.ts';
import { linksToNobody, type RankLinks } from '../parallel/rank-links.ts';
import { copyHolders } from '../parallel/shard-copies.ts';
import type { Tuning } from '../parallel/tuning.ts';
import { typicalMachine } from '../plan/machine.ts';
import { taskKind } from '../tasks/index.ts';
import type { Opened, OpenedData, TaskTypes } from '../tasks/task.ts';
import type { FormsByAdapter } from '../train/measured-forms.ts';
import type { Job } from '../train/plans.ts';
import type { PlateauState } from '../train/schedule.ts';
import { modelFor } from './api/fitted-model.ts';
import type { Preset } from './api/presets.ts';
import { type MeshConfig, type RunConfig, usualDataMemory } from './api/run-config.ts';
import { checkMeshConfig } from './api/settings.ts';

/** On a software adapter buffers are main memory: leave most of it to the rest of the machine. */
export const SOFTWARE_BUDGET_BYTES = 4 * 2 ** 30;

/** What a run is made from beside its config. */
export interface RunResources {
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
  /** To the other ranks, for a config with a mesh. */
  readonly links: RankLinks | undefined;
  /** The page of every rank that is linked. */
  readonly pages?: readonly string[];
  readonly progress: Progress;
  /** Of a run on the same data, so that they need not be read again. */
  readonly before?: OpenedData<TaskTypes>;
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
): Promise<{ readonly trainer: MeshTrainer; readonly data: OpenedData<TaskTypes> }> {
  const { gpu, pipelines, pages, progress, tuning, forms } = resources;
  const mesh = config.mesh && ranksOf(config.mesh) > 1 ? config.mesh : alone;
  const links = linksFor(mesh, resources.links);
  const supply = await open(config, preset, mesh, links, resources);
  const { frame } = supply.data.task;
  const job = { model: modelOn(preset, frame, mesh), frame };
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
  { seed, trace, recompute }: RunConfig,
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
    ...(recompute ? { recompute } : {}),
    overlap: overlap ? typicalMachine : undefined,
    wire,
    softwareBudget: SOFTWARE_BUDGET_BYTES,
    ...(trace ? { trace: { detail: trace, origin: performance.now() } } : {}),
  };
}

/** Opens the data, and has them cut for the ranks or read by them, as the kind of task does it. */
function open(
  { data, dataMemory = usualDataMemory }: RunConfig,
  preset: Preset,
  mesh: MeshConfig,
  links: RankLinks,
  { before, progress }: RunResources,
): Promise<Opened<TaskTypes>> {
  const { kind, open } = taskKind(preset.task.kind);
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => placeOf(mesh, rank));
  return open(data, preset.task.options, {
    ranks: ranks.length,
    instance: mesh.rows * mesh.columns,
    blocksOf(frame) {
      const model = modelOn(preset, frame, mesh);
      const { block } = modelKind(model.kind);
      return ranks.map(place => block(model.config, mesh, place));
    },
    ask: async (rank, order) =>
      (await (await callsOver(links)).to(rank).measure({ task: kind, order })).answer,
    memory: dataMemory * 2 ** 20,
    progress,
    before,
  });
}

/** @throws ConfigError where the mesh is impossible for the model that the data need */
function modelOn(preset: Preset, frame: Frame, mesh: MeshConfig): ModelConfig {
  const model = modelFor(preset, frame);
  checkMeshConfig(model, mesh, preset);
  return model;
}

function linksFor(mesh: MeshConfig, links: RankLinks | undefined): RankLinks {
  if (mesh === alone) return linksToNobody();
  if (links?.size === ranksOf(mesh)) return links;
  throw new ConfigError(
    `The mesh ${meshName(mesh)} has ${ranksOf(mesh)} ranks; ${links ? `${links.size} are` : 'none is'} connected.`,
  );
}
