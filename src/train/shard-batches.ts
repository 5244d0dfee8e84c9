/** The batches of one rank, filled from its shard of the training part. */
import type { TaskShard } from '../tasks/forecast/slice-task.ts';
import { type BatchSource, sampleOrder } from './batches.ts';

/** Which samples of a step a rank trains on: `batch` of the step's `globalBatch`, from number `offset` on. */
export interface BatchShare {
  readonly batch: number;
  readonly globalBatch: number;
  readonly offset: number;
}

/** Writes one normalised input at `out[offset...]`: [input channel of the box, height, width]. */
function fillShardInput(shard: TaskShard, time: number, out: Float32Array, offset: number): void {
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

/** Writes one normalised target: [output channel of the box, height, width], at `time + leadSteps`. */
function fillShardTarget(shard: TaskShard, time: number, out: Float32Array, offset: number): void {
  fillOutputs(shard, shard.values, time, out, offset);
}

/** Writes 1 where the target is known, 0 where it is missing or padding. Only for shards with `known`. */
function fillShardMask(shard: TaskShard, time: number, out: Float32Array, offset: number): void {
  fillOutputs(shard, shard.known!, time, out, offset);
}

function fillOutputs(
  { targets, channels, leadSteps, height, width }: TaskShard,
  from: Float32Array | Uint8Array,
  time: number,
  out: Float32Array,
  offset: number,
): void {
  const points = height * width;
  targets.forEach((channel, i) => {
    const at = offset + i * points;
    if (channel < 0) {
      out.fill(0, at, at + points);
      return;
    }
    const plane = (time + leadSteps) * channels.length + channel;
    out.set(from.subarray(plane * points, (plane + 1) * points), at);
  });
}

/**
 * Draws the rank's share of every step's batch without replacement, pass after pass; a batch may span two passes. All
 * ranks of an instance draw the same samples, and the replicas together those that a rank alone would train on.
 */
export function batchesOf(shard: TaskShard, { batch, globalBatch, offset }: BatchShare): BatchSource {
  const points = shard.height * shard.width;
  const inputSize = shard.inputs.length * points;
  const targetSize = shard.targets.length * points;
  const draw = sampleOrder(shard.train);
  return {
    samples: batch,
    allocate: () => ({
      input: new Float32Array(batch * inputSize),
      target: new Float32Array(batch * targetSize),
      mask: shard.known ? new Float32Array(batch * targetSize) : undefined,
    }),
    fill({ input, target, mask }, index, step, seed) {
      const time = draw((step - 1) * globalBatch + offset + index, seed);
      fillShardInput(shard, time, input, index * inputSize);
      fillShardTarget(shard, time, target, index * targetSize);
      if (mask) fillShardMask(shard, time, mask, index * targetSize);
    },
  };
}
