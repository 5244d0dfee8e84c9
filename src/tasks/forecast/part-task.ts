/** The task of a rank that is alone, in two: what it trains on, and what it scores by. */
import { taskOf } from './make-task.ts';
import { type ForecastShard, frameOf, type ShardBox, shardOf, trainingRecords } from './slice-task.ts';
import type { ForecastTask } from './task.ts';

/**
 * Parts a task for a rank that is alone: the shard that it trains on, and the task that it scores by, whose data set
 * holds no step before the validation part. Together they take the memory of the whole, but for a mask.
 *
 * @param box all of the task
 * @param isOwn the whole is not used any more: its training part is normalised where it lies, unless it must be padded
 */
export function partTask(
  whole: ForecastTask,
  box: ShardBox,
  isOwn: boolean,
): { readonly shard: ForecastShard; readonly task: ForecastTask } {
  const { dataset, options, normalisation, height, width } = whole;
  const { values, times, latitude, longitude } = dataset;
  const frame = frameOf(whole);
  const firstStep = trainingRecords(frame);
  const first = firstStep * (values.length / times.length);
  const inPlace = isOwn && height === latitude.length && width === longitude.length;
  const shard = shardOf(frame, box, dataset, normalisation, inPlace ? values.subarray(0, first) : undefined);
  // A copy lets the rest of the whole go.
  const scored = inPlace ? values.subarray(first) : values.slice(first);
  return { shard, task: taskOf({ ...dataset, values: scored, firstStep }, options, whole) };
}
