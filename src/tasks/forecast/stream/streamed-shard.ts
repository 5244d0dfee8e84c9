/**
 * A rank's part that stays where it lies: its samples are made where it is read, in a worker of its own where there are workers,
 * and come here as they are needed.
 */
import type { Batch, TaskShard } from '../../task.ts';
import type { ShardHead } from '../slice-task.ts';
import type { DataReader } from './data-reader.ts';

export interface StreamedShard {
  readonly head: ShardHead;
  /** Samples have a mask. */
  readonly masked: boolean;
  readonly reader: Pick<DataReader, 'expect' | 'sample'>;
  /** Samples that are told of beforehand. */
  readonly ahead: number;
  /** Bytes that it may take in memory. */
  readonly memory: number;
  /** See `ShardReads`. */
  readonly idealBytesPerSample: number;
  close(): void;
}

export const isStreamed = (shard: object | StreamedShard): shard is StreamedShard => 'reader' in shard;

export function openStreamed(shard: StreamedShard): TaskShard {
  const { head, masked, reader, ahead, memory, idealBytesPerSample } = shard;
  const { lossWeight, train, windows, height, width } = head;
  const inputSize = head.inputs.length * height * width;
  const targetSize = head.targets.length * height * width;
  const reads = { bytes: 0, idealBytesPerSample };
  return {
    constants: { weight: lossWeight },
    samples: train,
    ...(windows && { windows }),
    byteLength: memory,
    reading: {
      reads,
      ahead,
      expect: samples => reader.expect(samples),
      close: shard.close,
    },
    async fill(batch: Batch, index, time) {
      const { input, target, mask, bytesRead } = await reader.sample(time);
      reads.bytes = Math.max(reads.bytes, bytesRead);
      batch.input.set(input, index * inputSize);
      batch.target.set(target, index * targetSize);
      if (masked && mask) batch.mask.set(mask, index * targetSize);
    },
  };
}
