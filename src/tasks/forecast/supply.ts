/**
 * How the ranks of a run come by their shards of a forecast. Either rank 0 cuts them from the task that it holds, as it
 * does where it is alone; or, where the source is read in boxes, every rank reads its own: it is asked to read and to
 * tell the moments of its part; all parts together give the statistics, and with those it makes its shard. For a rank that
 * cannot reach the source, as the folder that a user chose in another page, rank 0 reads; the rank keeps what it is given
 * as one that reads keeps its part, so that rank 0 need not.
 */
import type { BoxedSource } from '../../data/boxed-source.ts';
import {
  type BareChoice,
  type BoxedChoice,
  bareChoice,
  type DataChoice,
  isBoxed,
} from '../../data/choice/choice.ts';
import { syntheticTask } from '../../data/choice/synthetic.ts';
import type { Progress } from '../../data/dataset.ts';
import { loadDataset } from '../../data/load.ts';
import { openBoxed } from '../../data/open-boxed.ts';
import { DataError } from '../../io/data-error.ts';
import { bytes } from '../../io/number-text.ts';
import type { Frame } from '../../models/model.ts';
import type { OpenContext, Opened, SampleWindows } from '../task.ts';
import { boxOf, frameOfShape } from './frame.ts';
import { createHeldReading, type MeasuredPart } from './held-part.ts';
import { makeTask } from './make-task.ts';
import { fits, partBytes, type RankReading, readPart, readRank, tooLargeToSend } from './rank-reading.ts';
import { runTask } from './run-task.ts';
import { partTask, readScored, type ScoredFields, scoredTask, streamScored } from './scored-task.ts';
import { gridFrame, mergeMoments, readBoxOf, shardOfSlice, taskShapeOf } from './slice-moments.ts';
import { type ShardBox, sliceTask, trainingRecords } from './slice-task.ts';
import { recordBytes, windowsOf } from './stream/windows.ts';
import type { ForecastOptions, ForecastTask } from './task.ts';
import type { ForecastTypes, ShardCommand } from './types.ts';

type Context = OpenContext<ForecastTypes>;

/** @throws DataError, ConfigError, PeerError */
export async function openForecast(
  choice: DataChoice,
  preset: ForecastOptions,
  context: Context,
): Promise<Opened<ForecastTypes>> {
  const options = choice.kind === 'synthetic' ? { ...preset, ...syntheticTask } : preset;
  const { before } = context;
  // A rank that was alone before, and is again, has the data as it needs them.
  const isAsBefore = context.ranks === 1 && before !== undefined && !before.kept.split;
  if (isAsBefore && !isWhole(before.kept.task)) return { data: before, others: [] };
  let windows: SampleWindows | undefined;
  if (isBoxed(choice) && !isAsBefore) {
    const source = before?.kept.split?.source ?? (await openBoxed(choice));
    const grid = gridFrame(source.fields, options);
    const size = grid.times.length * recordBytes(grid);
    if (context.ranks > 1 || !fits(choice, size, context.memory)) {
      return readShards(choice, source, options, context);
    }
    windows = windowsOf(grid);
  }
  if (context.ranks > 1) {
    const whole = wholeBefore(context) ?? (await readWhole(choice, options, context.progress));
    return cutShards(whole, options, choice.kind, context);
  }
  const kept = wholeBefore(context);
  const whole = kept ?? (await readWhole(choice, options, context.progress));
  // What is kept is needed again where this run does not come about.
  return wholeShard(whole, options, choice.kind, context, { isOwn: !kept, windows });
}

/** A task in memory, and what it took to read it. */
interface ReadTask {
  readonly task: ForecastTask;
  readonly bytesRead: number;
}

/** All of the data set is in memory. */
const isWhole = ({ dataset }: ForecastTask) => dataset.firstStep === undefined;

function wholeBefore({ before }: Context): ReadTask | undefined {
  const task = before?.kept.task;
  return before && task && isWhole(task) ? { task, bytesRead: before.bytesRead } : undefined;
}

async function readWhole(
  choice: DataChoice,
  options: ForecastOptions,
  progress: Progress,
): Promise<ReadTask> {
  if (choice.kind !== 'embedded' && !isBoxed(choice)) {
    throw new DataError(
      'These are images; a forecast needs fields on a grid, in NetCDF files or a Zarr store.',
    );
  }
  const { dataset, bytesRead } = await loadDataset(choice, progress);
  return { task: makeTask(dataset, options), bytesRead };
}

const frameOf = (task: ForecastTask): Frame => frameOfShape(task, task.dataset.hasMissing);

const boxesOf = (frame: Frame, { blocksOf }: Pick<Context, 'blocksOf'>): ShardBox[] =>
  blocksOf(frame).map(block => boxOf(block, frame));

/** Rank 0 keeps the task, so that it can be cut for another mesh. */
export function cutShards(
  { task, bytesRead }: ReadTask,
  options: ForecastOptions,
  choice: DataChoice['kind'],
  context: Pick<Context, 'blocksOf'>,
): Opened<ForecastTypes> {
  const frame = frameOf(task);
  const [first, ...others] = boxesOf(frame, context);
  return {
    data: {
      task: runTask(task, frame, options, choice),
      own: sliceTask(task, first),
      bytesRead,
      kept: { task, split: undefined },
    },
    others: others.map(box => () => ({ shard: sliceTask(task, box) })),
  };
}

/**
 * The data of a rank that is alone.
 *
 * @param how see `partTask` and `windowsOf`
 */
function wholeShard(
  { task: whole, bytesRead }: ReadTask,
  options: ForecastOptions,
  choice: DataChoice['kind'],
  context: Context,
  { isOwn, windows }: { readonly isOwn: boolean; readonly windows: SampleWindows | undefined },
): Opened<ForecastTypes> {
  const frame = frameOf(whole);
  const { shard, task } = partTask(whole, boxesOf(frame, context)[0], isOwn);
  return {
    data: {
      task: runTask(task, frame, options, choice),
      own: windows ? { ...shard, windows } : shard,
      bytesRead,
      kept: { task, split: undefined },
    },
    others: [],
  };
}

/** @throws DataError where rank 0 cannot read the source, PeerError */
async function readShards(
  choice: BoxedChoice,
  source: BoxedSource,
  options: ForecastOptions,
  context: Context,
): Promise<Opened<ForecastTypes>> {
  const { before, progress, instance, ask, memory } = context;
  const grid = gridFrame(source.fields, options);
  const shape = taskShapeOf(grid);
  // Whether anything is missing is known when all ranks have read.
  const boxes = boxesOf(frameOfShape(shape, false), context);
  const { data, own } = before?.kept.split ?? {
    data: crypto.getRandomValues(new Uint32Array(1))[0],
    own: createHeldReading(),
  };
  const theirs = Promise.all(
    boxes.slice(1).map((box, i) => ask(i + 1, { data, box, memory, choice: sharedChoice(choice), options })),
  );
  // Awaited below; where the own part fails first, theirs must not count as unhandled.
  theirs.catch(() => undefined);
  const box = boxes[0];
  const first = await own.measure({ data, box, memory }, () =>
    readPart({ choice, source, options, box, memory }, progress),
  );
  const served = new Map<number, { readonly reading: RankReading; readonly measured: MeasuredPart }>();
  const readFor = async (rank: number, unreadable: string): Promise<MeasuredPart> => {
    const size = partBytes(grid, boxes[rank]);
    if (!fits(choice, size, memory)) throw new DataError(tooLargeToSend(rank, unreadable, size, memory));
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
  const holders = parts.slice(0, instance);
  const shared = mergeMoments(
    grid,
    holders.map(({ part }) => part),
  );
  const left = memory - (fits(choice, partBytes(grid, box), memory) ? partBytes(grid, box) : memory);
  const scored = before?.kept.split?.scored ?? (await scoredFields(choice, source, options, left, context));
  const shardOf = ({ box, ...read }: RankReading) => shardOfSlice(grid, box, read, shared);
  const commandFor = (rank: number): ShardCommand => {
    const read = served.get(rank);
    served.delete(rank);
    if (!read) return { shared };
    const { reading, measured } = read;
    return {
      given: { order: { data, box: boxes[rank], memory }, measured, shared, shard: shardOf(reading) },
    };
  };
  const task = scoredTask(grid, scored.dataset, shared, holders);
  return {
    data: {
      task: runTask(task, frameOfShape(shape, task.dataset.hasMissing), options, choice.kind),
      own: await own.shardOf(shared),
      bytesRead: parts.reduce((sum, part) => sum + part.bytesRead, 0),
      reading: {
        bytesRead: parts.map(part => part.bytesRead),
        bytesReadToScore: scored.bytesRead,
        notes: notesOf(
          source,
          holders.map(({ box }) => readBoxOf(grid, box)),
          scored.bytesRead,
          parts,
        ),
      },
      kept: { task, split: { data, source, own, scored } },
      close() {
        own.forget();
        scored.close?.();
      },
    },
    others: parts.slice(1).map((_, i) => () => commandFor(i + 1)),
  };
}

/** In memory where the rest of it suffices. */
async function scoredFields(
  choice: BoxedChoice,
  source: BoxedSource,
  options: ForecastOptions,
  left: number,
  { memory, progress }: Context,
): Promise<ScoredFields> {
  const grid = gridFrame(source.fields, options);
  const records = grid.times.length - trainingRecords(grid);
  if (fits(choice, records * recordBytes(grid), left)) return readScored(source, options, progress);
  return streamScored(choice, source, options, memory);
}

function notesOf(
  source: BoxedSource,
  boxes: Parameters<BoxedSource['describeSplit']>[0],
  bytesToScore: number,
  parts: readonly MeasuredPart[],
): string[] {
  return [
    ...(boxes.length > 1 ? source.describeSplit(boxes) : []),
    ...(parts[0].notes ?? []),
    ...(bytesToScore > 0
      ? [
          `Rank 0 read ${bytes(bytesToScore)} more: whole fields of the validation and test parts, to score and to show maps.`,
        ]
      : []),
    ...parts.flatMap(({ unreadable }, rank) =>
      unreadable === undefined ? [] : `Rank 0 reads for rank ${rank}, which cannot: ${unreadable}`,
    ),
  ];
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
