/** The part of a forecasting task that a rank trains on, as its batches are filled from it. */
import type { Batch, TaskShard } from '../task.ts';
import type { ForecastShard } from './slice-task.ts';

/** Writes one normalised input at `out[offset...]`: [input channel of the box, height, width]. */
function fillShardInput(shard: ForecastShard, time: number, out: Batch[string], offset: number): void {
  const { inputs, values, statics, season, channels, height, width, gridRows } = shard;
  const points = height * width;
  inputs.forEach((source, i) => {
    const at = offset + i * points;
    const copy = (from: Float32Array, plane: number) => {
      out.set(from.subarray(plane * points, (plane + 1) * points), at);
    };
    switch (source.kind) {
      case 'state':
        copy(values, (time - source.age) * channels.length + source.channel);
        return;
      case 'static':
        copy(statics, source.field);
        return;
      case 'season':
        // As in the whole task the padding of the grid has it too, but not what lies beyond the padding.
        out.fill(season![2 * time + source.term], at, at + gridRows * width);
        out.fill(0, at + gridRows * width, at + points);
        return;
      case 'padding':
        out.fill(0, at, at + points);
    }
  });
}

/** Writes one normalised target: [output channel of the box, height, width], at `time + leadRecords`. */
function fillShardTarget(shard: ForecastShard, time: number, out: Batch[string], offset: number): void {
  fillOutputs(shard, shard.values, time, out, offset);
}

/** Writes 1 where the target is known, 0 where it is missing or padding. Only for shards with `known`. */
function fillShardMask(shard: ForecastShard, time: number, out: Batch[string], offset: number): void {
  fillOutputs(shard, shard.known!, time, out, offset);
}

function fillOutputs(
  { targets, channels, leadRecords, height, width }: ForecastShard,
  from: Float32Array | Uint8Array,
  time: number,
  out: Batch[string],
  offset: number,
): void {
  const points = height * width;
  targets.forEach((channel, i) => {
    const at = offset + i * points;
    if (channel < 0) {
      out.fill(0, at, at + points);
      return;
    }
    const plane = (time + leadRecords) * channels.length + channel;
    out.set(from.subarray(plane * points, (plane + 1) * points), at);
  });
}

export function openShard(shard: ForecastShard): TaskShard {
  const { values, known, statics, lossWeight, train } = shard;
  const points = shard.height * shard.width;
  const inputSize = shard.inputs.length * points;
  const targetSize = shard.targets.length * points;
  return {
    constants: { weight: lossWeight },
    samples: train,
    byteLength: values.byteLength + (known?.byteLength ?? 0) + statics.byteLength + lossWeight.byteLength,
    fill({ input, target, mask }, index, time) {
      fillShardInput(shard, time, input, index * inputSize);
      fillShardTarget(shard, time, target, index * targetSize);
      if (mask) fillShardMask(shard, time, mask, index * targetSize);
    },
  };
}
