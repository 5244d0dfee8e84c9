/**
 * A rank's part of data that every rank reads for itself: first it is read and measured, then, with the statistics of
 * all parts, it becomes the rank's shard. It is kept, for a run that goes on with other ranks may ask for it again.
 */
import type { RankReading } from '../data/rank-reading.ts';
import { type PartMoments, type SharedStatistics, shardOfSlice } from '../data/slice-moments.ts';
import type { ShardBox, TaskShard } from '../data/slice-task.ts';

/** What the others must know of a part. */
export interface MeasuredPart {
  readonly part: PartMoments;
  readonly climatology: Float32Array;
  /** Compressed bytes that it took, when it was read. */
  readonly bytesRead: number;
}

/** Which part of which data. */
export interface PartOrder {
  /** A number for the data as a run has opened them: it stays while the run goes on. */
  readonly data: number;
  readonly box: ShardBox;
}

interface HeldPart {
  readonly order: PartOrder;
  readonly measured: MeasuredPart;
  readonly read: () => Promise<RankReading>;
  /** Let go once there is a shard, which is as large. */
  reading: RankReading | undefined;
  made: { readonly shared: SharedStatistics; readonly shard: TaskShard } | undefined;
}

export interface RankPart {
  /** Reads the part, unless it is the one that is held. */
  measure(order: PartOrder, read: () => Promise<RankReading>): Promise<MeasuredPart>;
  /** Reads it again where a shard was made of it with other statistics. @throws Error where none was measured */
  shardOf(shared: SharedStatistics): Promise<TaskShard>;
  forget(): void;
}

export function createRankPart(): RankPart {
  let held: HeldPart | undefined;
  return {
    async measure(order, read) {
      if (held && isSame(held.order, order)) return held.measured;
      // Two parts must not lie beside each other.
      held = undefined;
      const reading = await read();
      const { part, climatology, bytesRead } = reading;
      held = { order, measured: { part, climatology, bytesRead }, read, reading, made: undefined };
      return held.measured;
    },
    async shardOf(shared) {
      if (!held) throw new Error('it has not read its part of the data');
      if (held.made && isSame(held.made.shared, shared)) return held.made.shard;
      held.made = undefined;
      const reading = held.reading ?? (await held.read());
      const shard = shardOfSlice(reading.frame, reading.box, reading, shared);
      held.reading = undefined;
      held.made = { shared, shard };
      return shard;
    },
    forget() {
      held = undefined;
    },
  };
}

/** Both are numbers and lists of numbers. */
const isSame = <T extends PartOrder | SharedStatistics>(a: T, b: T) =>
  JSON.stringify(a) === JSON.stringify(b);
