/**
 * A training step of ours on machines that nobody here has: any mesh and number of copies on GPUs and links of the table. All
 * ranks of a mesh that fills its hosts evenly do the same, so one of them is planned and computed for all.
 */
import { type Band, plus } from '../../energy/band.ts';
import { meshAt, meshName, ranksOf } from '../../mesh/mesh.ts';
import { ConfigError } from '../../models/model.ts';
import { typicalMachine } from '../../plan/machine.ts';
import type { Plan } from '../../plan/plan.ts';
import type { StepTrace } from '../../plan/trace.ts';
import { workOf } from '../../plan/work.ts';
import { stepMs } from '../../simulate/data-wait.ts';
import { type EnergyModel, energyOf } from '../../simulate/energy-hook.ts';
import { type GpuRow, gpuNamed, type LinkRow, linkNamed } from '../../simulate/gpus.ts';
import { type Achieved, deviceOf, machinesOf, type Precision } from '../../simulate/machines.ts';
import type { RankGroup, SimulatedRank } from '../../simulate/ranks.ts';
import { simulateGroups } from '../../simulate/simulate.ts';
import { tableEnergy } from '../../simulate/table-energy.ts';
import { type Job, trainingPlan } from '../../train/plans.ts';
import { passesOf } from './cuts.ts';
import { memoryOf } from './memory.ts';
import { jobOf } from './plan-report.ts';
import type { Preset } from './presets.ts';
import type { MeshConfig } from './run-config.ts';
import { checkMeshConfig } from './settings.ts';

export { gpus, links, usualGpuNames } from '../../simulate/gpus.ts';
export type { GpuRow, LinkRow, Precision };
export { gpuNamed, linkNamed };

export const isPrecision = (text: string): text is Precision => ['f32', 'tf32', 'f16'].includes(text);

/** What our kernels are taken to achieve on a GPU: assumed until they are measured on one (docs/gpu.md). */
export const assumedShares: Pick<Achieved, 'product' | 'memory' | 'secondsPerDispatch'> = {
  product: 0.5,
  memory: 0.7,
  secondsPerDispatch: 10e-6,
};

/** Ranks of a mesh that does not fill its hosts evenly, each of which is planned on its own. */
const MOST_UNLIKE = 64;
export const MOST_RANKS = 4096;

export interface Machines {
  readonly gpu: GpuRow;
  readonly link: LinkRow;
  readonly precision: Precision;
  readonly shares?: Partial<typeof assumedShares>;
  /** Another GPU for some ranks. */
  readonly gpuOf?: (rank: number) => GpuRow | undefined;
}

export interface MachinePrediction {
  readonly mesh: MeshConfig;
  readonly ranks: number;
  /** Of a step. */
  readonly seconds: number;
  /** Of it, mean over the ranks: what is waited for exchanges with nothing else to do. */
  readonly exposedSeconds: number;
  /** Bytes that a rank sends in a step. */
  readonly bytesSent: number;
  /** Of a step, all copies together. */
  readonly samples: number;
  readonly samplesPerSecond: number;
  /** FLOP/s of all ranks together over their peaks. */
  readonly peakShare: number;
  readonly bytesPerRank: number;
  /** Where the GPU's memory is known. */
  readonly fits?: boolean;
  /** Of a step, of all GPUs with their machines: by the table of energy, as the meter reckons. */
  readonly joules: Band;
}

/** Predicts steps of one model: plans are made once, whatever the machines. */
export type MachinePredictor = (mesh: MeshConfig, machines: Machines) => MachinePrediction;

/**
 * @param preset with the user's changes: its batch is that of one copy of the model
 * @returns what throws a ConfigError where the mesh is impossible for the model, or too large for the simulator
 */
export function machinePredictor(
  preset: Preset,
  { sizes, job = jobOf(preset, sizes) }: { readonly sizes?: Preset['sizes']; readonly job?: Job } = {},
): MachinePredictor {
  const known = new Map<string, readonly Plan[]>();
  const passesAt = (mesh: MeshConfig, rank: number): readonly Plan[] => {
    const key = JSON.stringify([mesh, rank]);
    const passes = known.get(key) ?? plannedPasses(job, preset, mesh, rank);
    known.set(key, passes);
    return passes;
  };
  return (mesh, machines) => {
    const ranks = ranksOf(mesh);
    if (ranks > MOST_RANKS)
      throw new ConfigError(`A mesh of ${meshName(mesh)} has ${ranks} ranks; ${MOST_RANKS} are the most.`);
    checkMeshConfig(job.model, mesh, { ...preset, batch: preset.batch * mesh.replicas });
    const simulated = ranksOn(ranks, machines);
    const groups = groupsOf(mesh, machines);
    const passes = groups.map(({ ranks: [rank] }) => passesAt(mesh, rank));
    const known = new Map<Plan, SimulatedPass>();
    const steps = passes[0].map((first, pass): SimulatedPass => {
      const before = known.get(first);
      if (before) return before;
      const own = groups.map(
        (group, index): RankGroup => ({
          ...group,
          plan: passes[index][pass],
          hash: `rank ${group.ranks[0]}`,
        }),
      );
      const step = { groups: own, traces: simulateGroups(own, simulated) };
      known.set(first, step);
      return step;
    });
    const seconds = steps.reduce((sum, { traces }) => sum + stepMs(traces) / 1000, 0);
    const exposedMs = steps.reduce((sum, { traces }) => sum + exposedOf(groups, traces), 0);
    const bytesPerRank = memoryOf(bytesBySpace(passes[0][passes[0].length - 1]), 0).total;
    const samples = preset.batch * mesh.replicas;
    const works = passes[0].map(plan => workOf(plan));
    const flops = works.reduce((sum, work) => sum + work.flops, 0);
    const { gpu, precision, gpuOf } = machines;
    const energy = tableEnergy(rank => gpuOf?.(rank) ?? gpu);
    return {
      mesh,
      ranks,
      seconds,
      exposedSeconds: exposedMs / 1000,
      bytesSent: works.reduce((sum, work) => sum + work.sent, 0),
      samples,
      samplesPerSecond: samples / seconds,
      peakShare: flops / seconds / (gpu[precision] ?? gpu.f32),
      bytesPerRank,
      ...(gpu.memoryBytes === undefined ? {} : { fits: bytesPerRank <= gpu.memoryBytes }),
      joules: joulesOf(steps, energy),
    };
  };
}

/** A pass of a step: the next begins when all ranks are done. */
interface SimulatedPass {
  readonly groups: readonly RankGroup[];
  readonly traces: readonly StepTrace[];
}

function joulesOf(steps: readonly SimulatedPass[], model: EnergyModel): Band {
  return steps.map(({ groups, traces }) => energyOf(groups, traces, model)).reduce(plus);
}

function exposedOf(groups: readonly Pick<RankGroup, 'ranks'>[], traces: readonly StepTrace[]): number {
  const all = groups.reduce((sum, { ranks }) => sum + ranks.length, 0);
  return groups.reduce((sum, { ranks }, group) => {
    const own = traces[group].spans.reduce(
      (total, { exposed, begun, ended }) => total + (exposed ? ended - begun : 0),
      0,
    );
    return sum + (ranks.length / all) * own;
  }, 0);
}

const bytesBySpace = ({ spaces }: Plan) =>
  Object.fromEntries(
    Object.entries(spaces).map(([space, buffers]) => [
      space,
      buffers.reduce((sum, { bytes }) => sum + bytes, 0),
    ]),
  );

function plannedPasses(job: Job, preset: Preset, mesh: MeshConfig, rank: number): Plan[] {
  const { batch, optimizer, accumulate } = preset;
  const { microBatches, wire, overlap = true } = mesh;
  const hides = overlap && ranksOf(mesh) > 1;
  const options = { accumulate, microBatches, wire, overlap: hides ? typicalMachine : undefined };
  return passesOf(trainingPlan(job, batch, optimizer, { ...options, mesh: meshAt(mesh, rank) }), accumulate);
}

function ranksOn(ranks: number, { gpu, link, precision, shares, gpuOf }: Machines): SimulatedRank[] {
  const { secondsPerExchange } = link;
  const made = { ...assumedShares, ...shares, secondsPerExchange };
  return machinesOf(ranks, {
    deviceOf: rank => deviceOf(gpuOf?.(rank) ?? gpu, precision, made),
    ...link,
  });
}

/** Ranks that do the same: all, or, where hosts or GPUs make them differ, each on its own. */
function groupsOf(mesh: MeshConfig, { link, gpuOf }: Machines): Pick<RankGroup, 'ranks'>[] {
  const ranks = ranksOf(mesh);
  const every = Array.from({ length: ranks }, (_, rank) => rank);
  if (!gpuOf && fillsHosts(mesh, link.ranksPerHost)) return [{ ranks: every }];
  if (ranks <= MOST_UNLIKE) return every.map(rank => ({ ranks: [rank] }));
  throw new ConfigError(
    gpuOf
      ? `Ranks on different GPUs are computed one by one: ${ranks} are too many, ${MOST_UNLIKE} the most.`
      : `${ranks} ranks of a mesh of ${meshName(mesh)} do not fill hosts of ${link.ranksPerHost} evenly; up to ${MOST_UNLIKE} can be computed.`,
  );
}

/** Every rank has as many peers of a kind in its host as any other. */
function fillsHosts({ rows, columns, replicas }: MeshConfig, ranksPerHost: number): boolean {
  const instance = rows * columns;
  const ranks = instance * replicas;
  const divides = (a: number, b: number) => b % a === 0 || a % b === 0;
  if (ranks <= ranksPerHost || ranksPerHost === 1) return true;
  return ranks % ranksPerHost === 0 && divides(instance, ranksPerHost) && divides(columns, ranksPerHost);
}
