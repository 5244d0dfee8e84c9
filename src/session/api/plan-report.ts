/**
 * What a training step would do, read off its plan without a device: work by layer, memory, exchanges, and the least time
 * that it takes at given rates.
 */
import { meshAt } from '../../mesh/mesh.ts';
import type { Frame, ModelConfig } from '../../models/model.ts';
import { criticalPath } from '../../plan/critical-path.ts';
import { hashOf } from '../../plan/hash.ts';
import { typicalMachine } from '../../plan/machine.ts';
import type { Plan } from '../../plan/plan.ts';
import { addTotals, type LayerWork, type Rates, type Totals, workByLayer, workOf } from '../../plan/work.ts';
import { taskKind } from '../../tasks/index.ts';
import { type Job, trainingPlan } from '../../train/plans.ts';
import { modelFor } from './fitted-model.ts';
import type { Preset } from './presets.ts';
import type { MeshConfig } from './run-config.ts';
import { checkMeshConfig } from './settings.ts';

export interface ExchangeReport {
  readonly label: string;
  readonly layer: string;
  readonly phase: string;
  readonly group: string;
  /** To all peers together. */
  readonly bytesSent: number;
  readonly peers: number;
}

export interface PlanReport {
  readonly preset: string;
  readonly model: ModelConfig;
  /** Sizes of the data, by the task's names. */
  readonly sizes: Frame['sizes'];
  readonly mesh: MeshConfig;
  readonly rank: number;
  /** Of the last pass's plan. */
  readonly hash: string;
  /** Passes of a step, and samples of this rank in each. */
  readonly passes: number;
  readonly samples: number;
  readonly parameters: number;
  readonly rates: Rates;
  /** Of all passes of a step, as is all that follows. */
  readonly totals: Totals;
  readonly products: Totals;
  readonly layers: readonly LayerWork[];
  /** Bytes by space. */
  readonly memory: Readonly<Record<string, number>>;
  readonly exchanges: readonly ExchangeReport[];
  readonly criticalPath: {
    readonly seconds: number;
    readonly exchangeSeconds: number;
    readonly deviceSeconds: number;
  };
}

/**
 * The model of a preset, and data of these sizes; where absent, of those that the preset is meant for.
 *
 * @throws ConfigError
 */
export function jobOf(preset: Preset, sizes = preset.sizes): Job {
  const { kind, options } = preset.task;
  const frame = taskKind(kind).plannedFrame(options, sizes);
  return { model: modelFor(preset, frame), frame };
}

/**
 * @param name of the preset
 * @param preset with the user's changes: see `settingsOf`
 * @param options.sizes of the data, by the task's names: see `TaskKind.plannedFrame`
 * @param options.recompute see `StepOptions`
 * @throws ConfigError where the mesh or the batch is impossible for the model
 */
export function planReport(
  name: string,
  preset: Preset,
  mesh: MeshConfig,
  rank: number,
  rates: Rates,
  { sizes, recompute }: { readonly sizes?: Preset['sizes']; readonly recompute?: boolean } = {},
): PlanReport {
  const job = jobOf(preset, sizes);
  checkMeshConfig(job.model, mesh, preset);
  const { accumulate = 1, optimizer } = preset;
  const { microBatches = 1, overlap = true, wire } = mesh;
  const batch = preset.batch / mesh.replicas;
  const { plan, earlierPass, layout } = trainingPlan(job, batch, optimizer, {
    mesh: meshAt(mesh, rank),
    accumulate,
    microBatches,
    recompute,
    overlap: overlap && mesh.rows * mesh.columns * mesh.replicas > 1 ? typicalMachine : undefined,
    wire,
  });
  const passes: Plan[] = [...new Array<Plan>(accumulate - 1).fill(earlierPass ?? plan), plan];
  const steps = passes.flatMap(pass => pass.steps);
  const paths = passes.map(pass => criticalPath(pass, rates));
  const sum = (of: (path: (typeof paths)[number]) => number) =>
    paths.reduce((total, path) => total + of(path), 0);
  return {
    preset: name,
    model: job.model,
    sizes: job.frame.sizes,
    mesh,
    rank,
    hash: hashOf(plan),
    passes: accumulate,
    samples: batch / accumulate,
    parameters: layout.count,
    rates,
    totals: passes.map(pass => workOf(pass)).reduce(addTotals),
    products: passes
      .flatMap(pass => [workOf(pass, 'product'), workOf(pass, 'convolution')])
      .reduce(addTotals),
    layers: workByLayer({ steps }, rates),
    memory: Object.fromEntries(
      Object.entries(plan.spaces).map(([space, buffers]) => [
        space,
        buffers.reduce((total, { bytes }) => total + bytes, 0),
      ]),
    ),
    exchanges: passes.flatMap(exchangesOf),
    criticalPath: {
      seconds: sum(({ seconds }) => seconds),
      exchangeSeconds: sum(({ exchangeSeconds }) => exchangeSeconds),
      deviceSeconds: sum(({ deviceSeconds }) => deviceSeconds),
    },
  };
}

function exchangesOf({ steps }: Plan): ExchangeReport[] {
  return steps.flatMap(step => {
    if (step.kind !== 'start') return [];
    const { label, group, sends, provenance } = step;
    const bytesSent = sends.reduce((total, { at }) => total + at.bytes, 0);
    const peers = new Set(sends.map(({ peer }) => peer)).size;
    return [{ label, layer: provenance.layer, phase: provenance.phase, group, bytesSent, peers }];
  });
}
