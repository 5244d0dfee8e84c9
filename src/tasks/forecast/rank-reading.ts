/** What a rank of a mesh does with a source: it reads its own box, and measures it. */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { Progress } from '../../data/dataset.ts';
import { type GridFrame, gridFrame, type MeasuredSlice, momentsOf, readBoxOf } from './slice-moments.ts';
import type { ShardBox } from './slice-task.ts';
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
