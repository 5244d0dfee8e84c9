/** The part of a forecasting task that a rank trains on, as its batches are filled from it. */
import type { TaskShard } from '../task.ts';
import { fillShardInput, fillShardOutputs } from './sample-fields.ts';
import type { ForecastShard } from './slice-task.ts';
import { isStreamed, openStreamed, type StreamedShard } from './stream/streamed-shard.ts';

export function openShard(shard: ForecastShard | StreamedShard): TaskShard {
  if (isStreamed(shard)) return openStreamed(shard);
  const { values, known, statics, lossWeight, train, windows } = shard;
  const points = shard.height * shard.width;
  const inputSize = shard.inputs.length * points;
  const targetSize = shard.targets.length * points;
  const held = { values, known, first: 0 };
  const statesAt = () => held;
  return {
    constants: { weight: lossWeight },
    samples: train,
    ...(windows && { windows }),
    byteLength: values.byteLength + (known?.byteLength ?? 0) + statics.byteLength + lossWeight.byteLength,
    fill({ input, target, mask }, index, time) {
      fillShardInput(shard, statesAt, time, input, index * inputSize);
      fillShardOutputs(shard, statesAt, 'values', time, target, index * targetSize);
      if (mask) fillShardOutputs(shard, statesAt, 'known', time, mask, index * targetSize);
    },
  };
}
