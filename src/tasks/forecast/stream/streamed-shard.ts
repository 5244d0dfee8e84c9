/**
 * A rank's part that stays where it lies: its samples are made where it is read, in a worker of its own where there are workers,
 * and come here as they are needed.
 */
import type { Batch, TaskShard } from '../../task.ts';
import type { ShardHead } from '../slice-task.ts';

/** One sample, as a batch holds it. */
export interface ReadSample {
  readonly input: Float32Array<ArrayBuffer>;
  readonly target: Float32Array<ArrayBuffer>;
  readonly mask?: Float32Array<ArrayBuffer>;
  /** So far, of this part, to train on. */
  readonly bytesRead: number;
}

/** What there is of a part once the statistics of all are known. */
export interface PreparedPart {
  readonly head: ShardHead;
  /** Samples that are told of beforehand. */
  readonly ahead: number;
  /** See `ShardReads`. */
  readonly idealBytesPerSample: number;
}

export interface SampleReader {
  /** Samples that are drawn next, in order. */
  expect(samples: Int32Array): void;
  sample(time: number): Promise<ReadSample>;
}

export interface StreamedShard extends PreparedPart {
  /** Samples have a mask. */
  readonly masked: boolean;
  readonly reader: SampleReader;
  /** Bytes that it may take in memory. */
  readonly memory: number;
  close(): void;
}

export const isStreamed = (shard: object | StreamedShard): shard is StreamedShard => 'reader' in shard;

/** Samples that are made beforehand take no more than this share of the memory, and are no more than so many. */
const WAITING_SHARE = 1 / 16;
const MOST_WAITING = 128;

/** The samples that come next, asked for before they are needed: who reads may be at work on a chunk meanwhile. */
function waitingSamples(reader: SampleReader, most: number) {
  let waiting = new Map<number, Promise<ReadSample>>();
  const ask = (time: number) => {
    const sample = reader.sample(time);
    // Whoever takes it gets what went wrong.
    sample.catch(() => undefined);
    return sample;
  };
  return {
    expect(samples: Int32Array) {
      reader.expect(samples);
      waiting = new Map(
        Array.from(samples.subarray(0, most), time => [time, waiting.get(time) ?? ask(time)] as const),
      );
    },
    take(time: number): Promise<ReadSample> {
      const sample = waiting.get(time) ?? ask(time);
      waiting.delete(time);
      return sample;
    },
  };
}

export function openStreamed(shard: StreamedShard): TaskShard {
  const { head, masked, reader, ahead, memory, idealBytesPerSample } = shard;
  const { lossWeight, train, windows, height, width } = head;
  const inputSize = head.inputs.length * height * width;
  const targetSize = head.targets.length * height * width;
  const reads = { bytes: 0, idealBytesPerSample };
  const most = Math.max(1, Math.floor((WAITING_SHARE * memory) / (4 * (inputSize + 2 * targetSize))));
  const samples = waitingSamples(reader, Math.min(MOST_WAITING, most));
  return {
    constants: { weight: lossWeight },
    samples: train,
    ...(windows && { windows }),
    byteLength: memory,
    reading: { reads, ahead, expect: samples.expect, close: shard.close },
    async fill(batch: Batch, index, time) {
      const { input, target, mask, bytesRead } = await samples.take(time);
      reads.bytes = Math.max(reads.bytes, bytesRead);
      batch.input.set(input, index * inputSize);
      batch.target.set(target, index * targetSize);
      if (masked && mask) batch.mask.set(mask, index * targetSize);
    },
  };
}
