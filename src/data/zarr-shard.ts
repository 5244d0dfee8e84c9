/** What a rank of a mesh does with a Zarr store: it reads its own box, and measures it. */
import type { Progress } from './dataset.ts';
import { type GridFrame, type MeasuredSlice, momentsOf, readBoxOf } from './slice-moments.ts';
import type { ShardBox } from './slice-task.ts';
import type { TaskOptions } from './task.ts';
import { openZarr } from './zarr.ts';
import { frameOfZarr, readZarr } from './zarr-read.ts';
import type { ZarrChoice } from './zarr-source.ts';

export interface RankReading extends MeasuredSlice {
  readonly frame: GridFrame;
  /** Compressed bytes: of the fields, without those of the metadata and the coordinates. */
  readonly bytesRead: number;
}

/**
 * Reads what a rank's shard needs. With the `part` of every rank of an instance, `mergeMoments(frame, parts)` gives
 * what `shardOfSlice` makes the shard from.
 *
 * @throws DataError where the store cannot be read
 */
export async function readRank(
  { source, selection }: ZarrChoice,
  options: TaskOptions,
  box: ShardBox,
  progress?: Progress,
): Promise<RankReading> {
  const store = await openZarr(source, selection);
  const frame = frameOfZarr(store, selection, options);
  const { dataset, bytesRead } = await readZarr(store, selection, readBoxOf(frame, box), progress);
  return { ...momentsOf(frame, box, dataset), frame, bytesRead };
}
