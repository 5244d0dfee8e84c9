/**
 * A forecast whose ranks each read their own part: rank 0's side of it. It asks them to read and to tell the moments of their
 * parts; where one cannot reach the source, it reads for it. A rank that is alone reads so where the data do not fit.
 */
import type { BoxedSource } from '../../data/boxed-source.ts';
import { absoluteChoice, type BoxedChoice, bareChoice } from '../../data/choice/choice.ts';
import { DataError } from '../../io/data-error.ts';
import { bytes } from '../../io/number-text.ts';
import type { OpenContext, Opened } from '../task.ts';
import { boxesOf, frameOfShape } from './frame.ts';
import { createHeldReading, type MeasuredPart } from './held-part.ts';
import { fits, partBytes, type RankReading, readPart, readRank, tooLargeToSend } from './rank-reading.ts';
import { runTask } from './run-task.ts';
import { readScored, type ScoredFields, scoredTask, streamScored } from './scored-task.ts';
import { gridFrame, mergeMoments, readBoxOf, shardOfSlice, taskShapeOf } from './slice-moments.ts';
import { type ShardBox, trainingRecords } from './slice-task.ts';
import { recordBytes } from './stream/windows.ts';
import type { ForecastOptions } from './task.ts';
import type { ForecastTypes, ShardCommand } from './types.ts';

type Context = OpenContext<ForecastTypes>;

/** @throws DataError where rank 0 cannot read the source, PeerError */
export async function readShards(
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
    boxes
      .slice(1)
      .map((box, i) =>
        ask(i + 1, { data, box, memory, choice: absoluteChoice(bareChoice(choice)), options }),
      ),
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
