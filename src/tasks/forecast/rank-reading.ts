/**
 * What a rank of a mesh does with a source: it reads its own box, and measures it. Where the box does not fit into the memory for
 * it, it is read once through to be measured, and again while the model trains.
 */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { BoxedChoice } from '../../data/choice/choice.ts';
import type { Progress } from '../../data/dataset.ts';
import { bytes } from '../../io/number-text.ts';
import type { MeasuredPart, PartReading } from './held-part.ts';
import {
  type GridFrame,
  gridFrame,
  type MeasuredSlice,
  momentsOf,
  readBoxOf,
  shardOfSlice,
} from './slice-moments.ts';
import type { ShardBox } from './slice-task.ts';
import type { DataReader } from './stream/data-reader.ts';
import { startReader } from './stream/start-reader.ts';
import type { TaskOptions } from './task.ts';

export interface RankReading extends MeasuredSlice {
  readonly frame: GridFrame;
  readonly box: ShardBox;
  /** Compressed bytes: of the fields, without those of the metadata and the coordinates. */
  readonly bytesRead: number;
}

/**
 * Reads what a rank's shard needs. With the `part` of every rank of an instance, `mergeMoments(frame, parts)` gives
 * what `shardOfSlice` makes the shard from.
 *
 * @throws DataError where the source cannot be read
 */
export async function readRank(
  source: BoxedSource,
  options: TaskOptions,
  box: ShardBox,
  progress?: Progress,
): Promise<RankReading> {
  const frame = gridFrame(source.fields, options);
  const { dataset, bytesRead } = await source.read(readBoxOf(frame, box), progress);
  return { ...momentsOf(frame, box, dataset), frame, box, bytesRead };
}

/** The part in memory, as it is kept until the statistics of all are known. */
export function inMemory(reading: RankReading): PartReading {
  const { part, climatology, bytesRead, frame, box } = reading;
  return {
    measured: { part, climatology, bytesRead },
    shardOf: async shared => shardOfSlice(frame, box, reading, shared),
  };
}

/** Bytes of a rank's fields in memory. */
export function partBytes(frame: GridFrame, box: ShardBox): number {
  const { channels, latitudeFrom, latitudeTo } = readBoxOf(frame, box);
  return 4 * frame.times.length * channels.length * (latitudeTo - latitudeFrom) * frame.longitude.length;
}

/** What is computed is never read, and fits as it is meant to. */
export const fits = (choice: Pick<BoxedChoice, 'kind'>, size: number, memory: number): boolean =>
  choice.kind === 'synthetic' || size <= memory;

export interface PartWanted {
  readonly choice: BoxedChoice;
  readonly source: BoxedSource;
  readonly options: TaskOptions;
  readonly box: ShardBox;
  /** Bytes for it. */
  readonly memory: number;
}

/** Reads a part into memory, or measures it and leaves it where it lies. @throws DataError where the source cannot be read */
export async function readPart(
  { choice, source, options, box, memory }: PartWanted,
  progress: Progress = () => {},
): Promise<PartReading> {
  const frame = gridFrame(source.fields, options);
  if (fits(choice, partBytes(frame, box), memory)) {
    return inMemory(await readRank(source, options, box, progress));
  }
  const { reader, close } = startReader();
  try {
    const measured = await reader.measure({ choice, options, memory }, box, progress);
    return streamed(reader, measured, memory, close);
  } catch (error) {
    close();
    throw error;
  }
}

function streamed(
  reader: DataReader,
  measured: MeasuredPart,
  memory: number,
  close: () => void,
): PartReading {
  return {
    measured,
    async shardOf(shared) {
      const prepared = await reader.prepare(shared);
      return { ...prepared, masked: shared.masked, reader, memory, close };
    },
    close,
  };
}

/** Why rank 0 cannot read for another rank. */
export const tooLargeToSend = (rank: number, why: string, size: number, memory: number): string =>
  `Rank ${rank} cannot read the data itself (${why}), and its part of them takes ${bytes(size)}, more than the ${bytes(memory)} of memory for data, so it cannot be sent either. Put the data where every page can read them, use more ranks, or allow more memory for data.`;
