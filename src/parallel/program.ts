/** What a rank is told to do, and what it tells of itself: the arguments and answers of the calls between ranks. */

import { withMeasured } from '../engine/form-choice.ts';
import { usualTables } from '../engine/forms.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { type MeshShape, meshAt } from '../mesh/mesh.ts';
import type { Frame, ModelConfig } from '../models/model.ts';
import { shortHash } from '../plan/hash.ts';
import type { FormTable } from '../plan/lower.ts';
import type { Machine } from '../plan/machine.ts';
import type { WirePrecision } from '../plan/plan.ts';
import type { StepTrace, TraceDetail } from '../plan/trace.ts';
import { taskKind } from '../tasks/index.ts';
import type { ShardReads } from '../tasks/task.ts';
import { type BatchFeed, batchFeed } from '../train/batch-feed.ts';
import { batchesOf } from '../train/batches.ts';
import type { FormsByAdapter } from '../train/measured-forms.ts';
import type { OptimizerOptions } from '../train/optimizer-options.ts';
import { localInputs, plansOf, type RankPlans, rankPlans } from '../train/plans.ts';
import type { PlateauState, ScheduleOptions } from '../train/schedule.ts';
import type { Tracing } from '../train/tracing.ts';
import { Trainer } from '../train/trainer.ts';
import type { RankLinks } from './rank-links.ts';
import { type Tuning, type UsedForms, usedForms } from './tuning.ts';

/** All that a rank needs to train its shard. */
export interface Program {
  /** Told apart from other runs by this number. */
  readonly run: number;
  readonly model: ModelConfig;
  readonly frame: Frame;
  readonly optimizer: OptimizerOptions;
  readonly schedule: ScheduleOptions;
  readonly steps: number;
  readonly seed: number;
  readonly mesh: MeshShape;
  /** See `copyHolders`. */
  readonly copyTo: readonly number[];
  /** Samples of a step over all replicas. */
  readonly globalBatch: number;
  readonly accumulate: number;
  readonly microBatches: number;
  readonly recompute?: boolean;
  readonly overlap?: Machine;
  readonly wire?: WirePrecision;
  /** Bytes that the buffers of a rank on a software adapter may take. */
  readonly softwareBudget?: number;
  /** Steps are sampled, with passes as fine as `detail`; times count from `origin` by rank 0's `performance.now`. */
  readonly trace?: { readonly detail: TraceDetail; readonly origin: number };
  /**
   * How products are computed on the adapters of the run. Absent in a call of `tune`: the run began in a version that
   * measured nothing.
   */
  readonly forms?: FormsByAdapter;
}

/** Milliseconds between two sampled steps, at least. */
const SAMPLE_MS = 1000;

/** Where a training run goes on. */
export interface TrainCommand {
  readonly seed: number;
  readonly plateau: PlateauState;
}

/**
 * Sums over the steps since the last report of a rank. Of `wallMs` a rank waits `dataMs` before a step begins, and
 * `exposedExchangeMs` within it: the two do not overlap, and what is left is computing.
 */
export interface RankTimes {
  readonly steps: number;
  readonly bytesSent: number;
  readonly messagesSent: number;
  /** From the moment a rank is ready for a step until all of it is sent and submitted. */
  readonly wallMs: number;
  /** A step could not start because its batch, or a part of it, was not there, and the device had nothing to do. */
  readonly dataMs: number;
  /** At least one exchange was under way. */
  readonly exchangeMs: number;
  /** The part of it in which the device had nothing to do. */
  readonly exposedExchangeMs: number;
  /** Of data that are read while the model trains, as they lie or come. */
  readonly bytesRead: number;
}

export const noTimes: RankTimes = {
  steps: 0,
  bytesSent: 0,
  messagesSent: 0,
  wallMs: 0,
  dataMs: 0,
  exchangeMs: 0,
  exposedExchangeMs: 0,
  bytesRead: 0,
};

export function addTimes(a: RankTimes, b: RankTimes): RankTimes {
  return {
    steps: a.steps + b.steps,
    bytesSent: a.bytesSent + b.bytesSent,
    messagesSent: a.messagesSent + b.messagesSent,
    wallMs: a.wallMs + b.wallMs,
    dataMs: a.dataMs + b.dataMs,
    exchangeMs: a.exchangeMs + b.exchangeMs,
    exposedExchangeMs: a.exposedExchangeMs + b.exposedExchangeMs,
    bytesRead: a.bytesRead + b.bytesRead,
  };
}

/** What a rank holds. */
export interface ShardBytes {
  /** Bytes of its buffers, by space. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Bytes of its part of the data, in memory. */
  readonly dataBytes: number;
  /** Of data that are read while the model trains: what a step would read if everything were read once a pass. */
  readonly idealReadBytes?: number;
  /** How it computes its products. */
  readonly forms: UsedForms;
}

/** A prepared shard: all of the model, for a rank that is alone. */
export interface ShardRun {
  readonly program: Program;
  readonly trainer: Trainer;
  readonly forms: UsedForms;
  readonly batches: BatchFeed;
  /** Bytes of its part of the data, in memory. */
  readonly dataBytes: number;
  /** What was read of it, where it is read while the model trains, and what a step would ideally. */
  readonly reads?: ShardReads;
  readonly idealReadBytes?: number;
}

/** What a program says of the plans of a rank. */
function stepOf(program: Program, rank: number) {
  const { mesh, globalBatch, accumulate, microBatches, recompute, overlap, wire } = program;
  const layout = { mesh: meshAt(mesh, rank), accumulate, microBatches, recompute, overlap, wire };
  return { batch: globalBatch / mesh.replicas, layout };
}

/** The plans of a rank, whatever the forms of their products. @throws ConfigError */
export function plansOfRank(program: Program, rank: number): RankPlans {
  const { batch, layout } = stepOf(program, rank);
  return rankPlans(program, batch, program.optimizer, layout);
}

export const tableOf = ({ usual, measured }: UsedForms): FormTable =>
  measured.length > 0 ? withMeasured(usualTables[usual], measured) : usualTables[usual];

export interface ShardOptions {
  /** Its plans, where they are compiled already. */
  readonly plans?: RankPlans;
  readonly tuning: Tuning | undefined;
  /** Gets what sampled steps leave behind, where the program says so. */
  readonly onTraces: (traces: readonly StepTrace[]) => void;
}

/**
 * Compiles and allocates a rank's shard.
 *
 * @param data what it trains on, of the program's task
 * @throws ConfigError, TooLargeError
 */
export async function prepareShard(
  gpu: Gpu,
  pipelines: PipelineCache,
  links: RankLinks,
  program: Program,
  data: unknown,
  { plans = plansOfRank(program, links.rank), tuning, onTraces }: ShardOptions,
): Promise<ShardRun> {
  const { model, frame, optimizer, globalBatch, seed } = program;
  const { batch, layout } = stepOf(program, links.rank);
  // What decides the plans of all ranks, and the run.
  links.begin(shortHash(program));
  const memoryBudget = gpu.software ? program.softwareBudget : undefined;
  const used = usedForms(gpu, () => plansOf(plans), program.forms, tuning);
  const options = { model, frame, optimizer, batch, seed, memoryBudget, forms: tableOf(used), ...layout };
  const trainer = await Trainer.create(gpu, pipelines, options, links, plans);
  const shard = taskKind(frame.task).openShard(data);
  trainer.setConstants(shard.constants);
  const share = { batch, globalBatch, offset: layout.mesh.place.replica * batch };
  const source = batchesOf(shard, localInputs(program, layout.mesh), share);
  const batches = batchFeed(source, () => trainer.idleSince);
  if (program.trace) {
    const { detail, origin } = program.trace;
    trainer.traceWith({
      detail,
      everyMs: links.rank === 0 ? SAMPLE_MS : undefined,
      batchTaken: () => batches.lastTaken,
      stamp: () => stampOf(links, origin),
      onTraces,
    });
  }
  const reads = shard.reading?.reads;
  return {
    program,
    trainer,
    forms: used,
    batches,
    dataBytes: shard.byteLength,
    ...(reads && { reads, idealReadBytes: batch * reads.idealBytesPerSample }),
  };
}

/** What a rank tells of its shard. */
export const shardBytes = ({ trainer, dataBytes, idealReadBytes, forms }: ShardRun): ShardBytes => ({
  bytes: trainer.bytesBySpace(),
  dataBytes,
  ...(idealReadBytes !== undefined && { idealReadBytes }),
  forms,
});

/** How times of this rank become times of the run, by rank 0's clock; undefined as long as that is not known. */
function stampOf(links: RankLinks, origin: number): ReturnType<Tracing['stamp']> {
  const { rank } = links;
  if (rank === 0) return { rank, toRun: ms => ms - origin };
  const clock = links.clockOf(0);
  return clock && { rank, toRun: ms => ms + clock.offset - origin, uncertainty: clock.uncertainty };
}

/** Adds up the times of a rank's steps. */
export function stepTimes(links: RankLinks, batches: BatchFeed, reads?: ShardReads) {
  let sum = noTimes;
  const counts = () => ({
    ...links.counts,
    takenMs: batches.takenMs,
    dataMs: batches.waitedMs,
    bytesRead: reads?.bytes ?? 0,
  });
  let counted = counts();
  return {
    add({ times }: Trainer): void {
      sum = addTimes(sum, { ...noTimes, ...times, steps: 1 });
    },
    /** The sums since the last call. */
    take(): RankTimes {
      const now = counts();
      const times = {
        ...sum,
        bytesSent: now.bytesSent - counted.bytesSent,
        messagesSent: now.messagesSent - counted.messagesSent,
        wallMs: sum.wallMs + now.takenMs - counted.takenMs,
        dataMs: now.dataMs - counted.dataMs,
        bytesRead: now.bytesRead - counted.bytesRead,
      };
      counted = now;
      sum = noTimes;
      return times;
    },
  };
}
