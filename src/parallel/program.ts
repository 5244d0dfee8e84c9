/** What a rank is told to do, and what it tells of itself: the arguments and answers of the calls between ranks. */
import type { TaskShard } from '../data/slice-task.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import type { Machine } from '../graph/schedule.ts';
import type { WeatherMixerConfig } from '../models/weathermixer-config.ts';
import type { BatchSource } from '../train/batches.ts';
import type { OptimizerOptions } from '../train/optimizer.ts';
import type { WirePrecision } from '../train/plans.ts';
import type { PlateauState, ScheduleOptions } from '../train/schedule.ts';
import { batchesOf } from '../train/shard-batches.ts';
import { Trainer } from '../train/trainer.ts';
import type { Links } from './links.ts';
import { type MeshShape, meshAt } from './mesh.ts';

/** All that a rank needs to train its shard. */
export interface Program {
  /** Told apart from other runs by this number. */
  readonly run: number;
  readonly model: WeatherMixerConfig;
  readonly optimizer: OptimizerOptions;
  readonly schedule: ScheduleOptions;
  readonly steps: number;
  readonly seed: number;
  readonly mesh: MeshShape;
  /** Samples of a step over all replicas. */
  readonly globalBatch: number;
  readonly masked: boolean;
  readonly microBatches: number;
  readonly overlap?: Machine;
  readonly wire?: WirePrecision;
  /** Bytes that the buffers of a rank on a software adapter may take. */
  readonly softwareBudget?: number;
}

/** Where a training run goes on. */
export interface TrainCommand {
  readonly seed: number;
  readonly plateau: PlateauState;
}

/** Sums over the steps since the last report of a rank. */
export interface RankTimes {
  readonly steps: number;
  readonly bytesSent: number;
  readonly messagesSent: number;
  readonly wallMs: number;
  readonly exchangeMs: number;
  readonly exposedExchangeMs: number;
}

export const noTimes: RankTimes = {
  steps: 0,
  bytesSent: 0,
  messagesSent: 0,
  wallMs: 0,
  exchangeMs: 0,
  exposedExchangeMs: 0,
};

export function addTimes(a: RankTimes, b: RankTimes): RankTimes {
  return {
    steps: a.steps + b.steps,
    bytesSent: a.bytesSent + b.bytesSent,
    messagesSent: a.messagesSent + b.messagesSent,
    wallMs: a.wallMs + b.wallMs,
    exchangeMs: a.exchangeMs + b.exchangeMs,
    exposedExchangeMs: a.exposedExchangeMs + b.exposedExchangeMs,
  };
}

/** A prepared shard. */
export interface ShardRun {
  readonly program: Program;
  readonly trainer: Trainer;
  readonly batches: BatchSource;
}

/** Compiles and allocates a rank's shard. @throws ConfigError, TooLargeError */
export async function prepareShard(
  gpu: Gpu,
  pipelines: PipelineCache,
  links: Links,
  program: Program,
  shard: TaskShard,
): Promise<ShardRun> {
  const { model, optimizer, mesh, globalBatch, masked, microBatches, overlap, wire, seed, run } = program;
  const place = meshAt(mesh, links.rank);
  const batch = globalBatch / mesh.replicas;
  links.begin(run);
  const memoryBudget = gpu.software ? program.softwareBudget : undefined;
  const layout = { mesh: place, microBatches, overlap, wire };
  const options = { model, optimizer, batch, masked, seed, memoryBudget, ...layout };
  const trainer = await Trainer.create(gpu, pipelines, options, links);
  trainer.setLossWeight(shard.lossWeight);
  const batches = batchesOf(shard, { batch, globalBatch, offset: place.place.replica * batch });
  return { program, trainer, batches };
}

/** Adds up the times of a rank's steps. */
export function stepTimes(links: Links) {
  let sum = noTimes;
  let counted = links.counts;
  return {
    add({ times }: Trainer): void {
      sum = addTimes(sum, { ...noTimes, ...times, steps: 1 });
    },
    /** The sums since the last call. */
    take(): RankTimes {
      const { bytesSent, messagesSent } = links.counts;
      const times = {
        ...sum,
        bytesSent: bytesSent - counted.bytesSent,
        messagesSent: messagesSent - counted.messagesSent,
      };
      counted = links.counts;
      sum = noTimes;
      return times;
    },
  };
}
