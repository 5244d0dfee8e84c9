/**
 * How the ranks of a mesh come by their shards of the data. Either rank 0 cuts them from the task that it holds, as it
 * does where it is alone; or, where the source is read in boxes, every rank reads its own: it is called to `measure`, which reads and tells the
 * moments of its part; all parts together give the statistics, and with those it makes its shard. For a rank that
 * cannot reach the source, as the folder that a user chose in another page, rank 0 reads; the rank keeps what it is given
 * as one that reads keeps its part, so that rank 0 need not.
 */

import type { BoxedSource, ReadData } from '../data/boxed-source.ts';
import { type BareChoice, type BoxedChoice, bareChoice, wholeChoice } from '../data/choice/choice.ts';
import type { Progress } from '../data/dataset.ts';
import { openBoxed } from '../data/open-boxed.ts';
import { DataError } from '../io/data-error.ts';
import { bytes } from '../io/number-text.ts';
import { placeOf, ranksOf } from '../mesh/mesh.ts';
import { modelKind } from '../models/index.ts';
import { boxOf } from '../tasks/forecast/frame.ts';
import { type RankReading, readRank } from '../tasks/forecast/rank-reading.ts';
import { partTask, readScored, scoredTask } from '../tasks/forecast/scored-task.ts';
import { gridFrame, mergeMoments, readBoxOf, shardOfSlice } from '../tasks/forecast/slice-moments.ts';
import { type ForecastShard, type ShardBox, sliceTask } from '../tasks/forecast/slice-task.ts';
import type { ForecastTask, TaskOptions } from '../tasks/forecast/task.ts';
import { callsTo } from './call-proxies.ts';
import type { Links } from './links.ts';
import type { Program } from './program.ts';
import type { MeasureCommand, Measured, ShardCommand } from './rank-calls.ts';
import { createRankPart, type MeasuredPart, type RankPart } from './rank-part.ts';

/** The data of a run as rank 0 has them. */
export interface RunData {
  /** To score and to show. */
  readonly task: ForecastTask;
  /** To train. */
  readonly own: ForecastShard;
  /** Compressed bytes that were read to train, by all ranks. */
  readonly bytesRead: number;
  /** Undefined where the shards were cut from a task in memory. */
  readonly reading: SplitReading | undefined;
}

export interface ShardSupply {
  readonly data: RunData;
  /** What the ranks but the first get, in their order. To be called once: what rank 0 read for a rank is let go. */
  readonly others: readonly (() => ShardCommand)[];
}

/** A task in memory, and what it took to read it. */
export type ReadTask = Pick<RunData, 'task' | 'bytesRead'>;

/** What it took to read a source in parts. */
export interface SplitReading {
  /** Compressed bytes of each rank's part. */
  readonly bytesRead: readonly number[];
  /** Of the whole fields that rank 0 read besides. */
  readonly bytesReadToScore: number;
  /** Sentences: what was read more than once, and what rank 0 read for others and to score. */
  readonly notes: readonly string[];
  /** What rank 0 has of it, for a run that goes on with other ranks. */
  readonly kept: KeptReading;
}

interface KeptReading {
  /** See `PartOrder`. */
  readonly data: number;
  readonly source: BoxedSource;
  readonly own: RankPart;
  readonly scored: ReadData;
}

type Layout = Pick<Program, 'model' | 'frame' | 'mesh'>;

function boxesOf({ model: { kind, config }, frame, mesh }: Layout): ShardBox[] {
  const { block } = modelKind(kind);
  return Array.from({ length: ranksOf(mesh) }, (_, rank) =>
    boxOf(block(config, mesh, placeOf(mesh, rank)), frame),
  );
}

/** Rank 0 keeps the task, so that it can be cut for another mesh. */
export function cutShards(layout: Layout, { task, bytesRead }: ReadTask): ShardSupply {
  const [first, ...others] = boxesOf(layout);
  return {
    data: { task, own: sliceTask(task, first), bytesRead, reading: undefined },
    others: others.map(box => () => ({ shard: sliceTask(task, box) })),
  };
}

/**
 * The data of a rank that is alone.
 *
 * @param isOwn see `partTask`
 */
export function wholeShard(
  layout: Layout,
  { task: whole, bytesRead }: ReadTask,
  isOwn: boolean,
): ShardSupply {
  const { shard, task } = partTask(whole, boxesOf(layout)[0], isOwn);
  return { data: { task, own: shard, bytesRead, reading: undefined }, others: [] };
}

/** What a run on a mesh reads in parts. */
export interface SplitSource {
  readonly choice: BoxedChoice;
  /** The same, opened on rank 0. */
  readonly source: BoxedSource;
  readonly options: TaskOptions;
  /** By a run on the same data that goes on now: parts that its ranks hold are not read again. */
  readonly before?: SplitReading;
}

/** @throws DataError where rank 0 cannot read the source, PeerError */
export async function readShards(
  links: Links,
  layout: Layout,
  { choice, source, options, before }: SplitSource,
  progress: Progress,
): Promise<ShardSupply> {
  const boxes = boxesOf(layout);
  const { rows, columns } = layout.mesh;
  const { data, own } = before?.kept ?? {
    data: crypto.getRandomValues(new Uint32Array(1))[0],
    own: createRankPart(),
  };
  const theirs = Promise.all(
    boxes
      .slice(1)
      .map((box, i) => callsTo(links, i + 1).measure({ data, box, choice: sharedChoice(choice), options })),
  );
  // Awaited below; where the own part fails first, theirs must not count as unhandled.
  theirs.catch(() => undefined);
  const box = boxes[0];
  const first = await own.measure({ data, box }, () => readRank(source, options, box, progress));
  const served = new Map<number, { readonly reading: RankReading; readonly measured: MeasuredPart }>();
  const readFor = async (rank: number, unreadable: string): Promise<MeasuredPart> => {
    const reading = await readRank(source, options, boxes[rank], progress);
    const { part, climatology, bytesRead } = reading;
    const measured = { part, climatology, bytesRead, unreadable };
    served.set(rank, { reading, measured });
    return measured;
  };
  const parts: (MeasuredPart & { readonly box: ShardBox })[] = [];
  for (const [rank, answer] of [first, ...(await theirs)].entries()) {
    const measured = 'part' in answer ? answer : await readFor(rank, answer.unreadable);
    parts.push({ box: boxes[rank], ...measured });
  }
  // Replicas hold copies of the same parts: those of the first count.
  const instance = parts.slice(0, rows * columns);
  const frame = gridFrame(source.fields, options);
  const shared = mergeMoments(
    frame,
    instance.map(({ part }) => part),
  );
  const scored = before?.kept.scored ?? (await readScored(source, options, progress));
  const shardOf = ({ box, ...read }: RankReading) => shardOfSlice(frame, box, read, shared);
  const commandFor = (rank: number): ShardCommand => {
    const read = served.get(rank);
    served.delete(rank);
    if (!read) return { shared };
    const { reading, measured } = read;
    return { given: { order: { data, box: boxes[rank] }, measured, shared, shard: shardOf(reading) } };
  };
  return {
    data: {
      task: scoredTask(frame, scored.dataset, shared, instance),
      own: await own.shardOf(shared),
      bytesRead: parts.reduce((sum, part) => sum + part.bytesRead, 0),
      reading: {
        bytesRead: parts.map(part => part.bytesRead),
        bytesReadToScore: scored.bytesRead,
        notes: [
          ...source.describeSplit(instance.map(({ box }) => readBoxOf(frame, box))),
          `Rank 0 read ${bytes(scored.bytesRead)} more: whole fields of the validation and test parts, to score and to show maps.`,
          ...parts.flatMap(({ unreadable }, rank) =>
            unreadable === undefined ? [] : `Rank 0 reads for rank ${rank}, which cannot: ${unreadable}`,
          ),
        ],
        kept: { data, source, own, scored },
      },
    },
    others: parts.slice(1).map((_, i) => () => commandFor(i + 1)),
  };
}

/** The choice as links can carry it. Addresses are made absolute: they may be relative to the page of rank 0. */
function sharedChoice(choice: BoxedChoice): BoxedChoice | BareChoice {
  const absolute = (url: string) => new URL(url, globalThis.location.href).href;
  const bare = bareChoice(choice);
  if ('files' in bare) {
    return {
      ...bare,
      files: bare.files.map(file => ('url' in file ? { url: absolute(file.url) } : file)),
    };
  }
  if (!('source' in bare) || bare.source.kind !== 'url') return bare;
  return { ...bare, source: { ...bare.source, url: absolute(bare.source.url) } };
}

/**
 * The data of any rank but the first. They outlive its links, so that it need not read again what it has.
 */
export function createRankData() {
  const part = createRankPart();
  return {
    /** @param given files or a folder that the user chose in the page of this rank: links cannot carry them */
    async measure(
      { choice: told, options, ...order }: MeasureCommand,
      given?: BoxedChoice,
    ): Promise<Measured> {
      const read = async () => {
        const choice = wholeChoice(told, given);
        if (!choice) throw new DataError('the files were chosen in another page.');
        return readRank(await openBoxed(choice), options, order.box);
      };
      try {
        return await part.measure(order, read);
      } catch (error) {
        if (error instanceof DataError) return { unreadable: error.message };
        throw error;
      }
    },
    /** @throws Error where nothing was read that the shard could be made of */
    async shardOf(command: ShardCommand): Promise<ForecastShard> {
      if ('shared' in command) return part.shardOf(command.shared);
      if ('given' in command) {
        part.keep(command.given);
        return command.given.shard;
      }
      part.forget();
      return command.shard;
    },
    forget: part.forget,
  };
}

export type RankData = ReturnType<typeof createRankData>;
