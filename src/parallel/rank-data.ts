/**
 * How the ranks of a mesh come by their shards of the data. Either rank 0 cuts them from the task that it holds, or,
 * where the source can be reached by all, every other rank reads its own: it is called to `measure`, which reads and
 * tells the moments of its part; all parts together give the statistics, and with those it makes its shard.
 */
import { DataError } from '../data/dataset.ts';
import { sliceDataset } from '../data/slice.ts';
import {
  mergeMoments,
  momentsOf,
  type PartMoments,
  readBoxOf,
  type SharedStatistics,
  shardOfSlice,
} from '../data/slice-moments.ts';
import { frameOf, type ShardBox, sliceTask, type TaskShard } from '../data/slice-task.ts';
import type { ForecastTask, TaskOptions } from '../data/task.ts';
import type { RankReading } from '../data/zarr-shard.ts';
import type { ZarrChoice } from '../data/zarr-source.ts';
import { dataBlockOf } from '../models/sharded-config.ts';
import type { Links } from './links.ts';
import { placeOf, ranksOf } from './mesh.ts';
import type { Program } from './program.ts';

/** What a rank is called to read. */
export interface MeasureCommand {
  readonly choice: ZarrChoice;
  readonly options: TaskOptions;
  readonly box: ShardBox;
}

/** What it answers: a store that it cannot read is no fault of the rank. */
export type Measured =
  | { readonly part: PartMoments; readonly bytesRead: number }
  | { readonly unreadable: string };

/** What a rank is prepared with: its shard, or the statistics to make it of what it read. */
export type ShardCommand = { readonly shard: TaskShard } | { readonly shared: SharedStatistics };

/** The shards of all ranks. */
export interface ShardSupply {
  readonly own: TaskShard;
  commandFor(rank: number): ShardCommand;
  /** Compressed bytes that each rank read from the source; undefined where rank 0 read for all. */
  readonly bytesRead: readonly number[] | undefined;
}

/** The choice as every rank can read it, whatever page it is in; undefined where only rank 0 can. */
export function sharedChoice(choice: { readonly kind: string } | ZarrChoice): ZarrChoice | undefined {
  if (!('source' in choice) || choice.source.kind !== 'url') return undefined;
  // Relative to the page of rank 0.
  return {
    ...choice,
    source: { ...choice.source, url: new URL(choice.source.url, globalThis.location.href).href },
  };
}

/**
 * @param choice what the task was read from, for the ranks to read; without it shards are cut from the task
 * @throws DataError where a rank cannot read the source, PeerError
 */
export async function supplyShards(
  links: Links,
  { model, mesh }: Program,
  task: ForecastTask,
  choice: ZarrChoice | undefined,
): Promise<ShardSupply> {
  const boxOf = (rank: number) => dataBlockOf(model, mesh, placeOf(mesh, rank));
  if (!choice) {
    const cut = (rank: number) => sliceTask(task, boxOf(rank));
    return { own: cut(0), commandFor: rank => ({ shard: cut(rank) }), bytesRead: undefined };
  }
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => rank);
  const theirs = Promise.all(
    ranks.slice(1).map(async rank => {
      const command: MeasureCommand = { choice, options: task.options, box: boxOf(rank) };
      const measured = (await links.call(rank, 'measure', command)) as Measured;
      if ('part' in measured) return measured;
      throw new DataError(`Rank ${rank} cannot read its part of the data. ${measured.unreadable}`);
    }),
  );
  // Awaited below; where the own part fails first, theirs must not count as unhandled.
  theirs.catch(() => undefined);
  const frame = frameOf(task);
  const own = momentsOf(frame, boxOf(0), sliceDataset(task.dataset, readBoxOf(frame, boxOf(0))));
  const others = await theirs;
  // Replicas hold copies of the same parts: those of the first count.
  const parts = [own, ...others].slice(0, mesh.rows * mesh.columns).map(({ part }) => part);
  const shared = mergeMoments(frame, parts);
  return {
    own: shardOfSlice(frame, boxOf(0), own, shared),
    commandFor: () => ({ shared }),
    bytesRead: [task.dataset.bytesRead ?? 0, ...others.map(({ bytesRead }) => bytesRead)],
  };
}

/** The data of any rank but the first: what it has read, until its shard is made of it. */
export function rankData() {
  let reading: (RankReading & { readonly box: ShardBox }) | undefined;
  return {
    async measure({ choice, options, box }: MeasureCommand): Promise<Measured> {
      // What was read for a run that was not prepared must not lie beside the new one.
      reading = undefined;
      // Loaded on demand, with its decoders.
      const { readRank } = await import('../data/zarr-shard.ts');
      try {
        reading = { ...(await readRank(choice, options, box)), box };
      } catch (error) {
        if (error instanceof DataError) return { unreadable: error.message };
        throw error;
      }
      return { part: reading.part, bytesRead: reading.bytesRead };
    },
    /** @throws Error where nothing was read that the shard could be made of */
    shardOf(command: ShardCommand): TaskShard {
      const read = reading;
      reading = undefined;
      if ('shard' in command) return command.shard;
      if (!read) throw new Error('it has not read its part of the data');
      return shardOfSlice(read.frame, read.box, read, command.shared);
    },
  };
}

/** Bytes that a shard takes in memory. */
export function bytesOfShard({ values, known, statics, lossWeight }: TaskShard): number {
  return values.byteLength + (known?.byteLength ?? 0) + statics.byteLength + lossWeight.byteLength;
}
