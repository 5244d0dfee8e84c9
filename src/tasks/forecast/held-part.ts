/**
 * A rank's part of data that every rank reads for itself: first it is read and measured, then, with the statistics of
 * all parts, it becomes the rank's shard. It is kept, for a run that goes on with other ranks may ask for it again.
 */
import type { PartMoments, SharedStatistics } from './slice-moments.ts';
import type { ForecastShard, ShardBox } from './slice-task.ts';
import type { StreamedShard } from './stream/streamed-shard.ts';

/** What the others must know of a part. */
export interface MeasuredPart {
  readonly part: PartMoments;
  readonly climatology: Float32Array;
  /** Compressed bytes that it took, when it was read. */
  readonly bytesRead: number;
  /** Sentences on data that are read while the model trains. */
  readonly notes?: readonly string[];
  /** Where rank 0 read it: why the rank could not. */
  readonly unreadable?: string;
}

/** Which part of which data. */
export interface PartOrder {
  /** A number for the data as a run has opened them: it stays while the run goes on. */
  readonly data: number;
  readonly box: ShardBox;
  /** Bytes that the rank may take for data. */
  readonly memory: number;
}

/** In memory, or read while the model trains. */
export type RankShard = ForecastShard | StreamedShard;

/** What a rank has of its part before the statistics of all are known. */
export interface PartReading {
  readonly measured: MeasuredPart;
  shardOf(shared: SharedStatistics): Promise<RankShard>;
  /** Of a part that is read while the model trains. */
  close?(): void;
}

/** A shard, and the statistics that it was made with. */
interface MadeShard<Shard> {
  readonly shared: SharedStatistics;
  readonly shard: Shard;
}

/** A part that rank 0 has read for another rank. */
export interface GivenPart extends MadeShard<ForecastShard> {
  readonly order: PartOrder;
  readonly measured: MeasuredPart;
}

interface HeldPart {
  readonly order: PartOrder;
  readonly measured: MeasuredPart;
  /** Undefined for a part that was given. */
  readonly read: (() => Promise<PartReading>) | undefined;
  /** Let go once there is a shard, which is as large. */
  reading: PartReading | undefined;
  made: MadeShard<RankShard> | undefined;
}

export interface HeldReading {
  /** Reads the part, unless it is the one that is held. */
  measure(order: PartOrder, read: () => Promise<PartReading>): Promise<MeasuredPart>;
  /** Keeps what rank 0 has read, as if this rank had. */
  keep(given: GivenPart): void;
  /**
   * Reads it again where a shard was made of it with other statistics.
   * @throws Error where none was measured, or where it was given with other statistics; then it is held no more
   */
  shardOf(shared: SharedStatistics): Promise<RankShard>;
  forget(): void;
}

export function createHeldReading(): HeldReading {
  let held: HeldPart | undefined;
  return {
    async measure(order, read) {
      if (held && isSame(held.order, order)) return held.measured;
      // Two parts must not lie beside each other.
      held = undefined;
      const reading = await read();
      held = { order, measured: reading.measured, read, reading, made: undefined };
      return held.measured;
    },
    keep({ order, measured, shared, shard }) {
      held = { order, measured, read: undefined, reading: undefined, made: { shared, shard } };
    },
    async shardOf(shared) {
      if (!held) throw new Error('it has not read its part of the data');
      if (held.made && isSame(held.made.shared, shared)) return held.made.shard;
      const { read } = held;
      if (!read) {
        held = undefined;
        throw new Error(
          'the data have changed since rank 0 read its part; it is read anew when you try again',
        );
      }
      held.made = undefined;
      const reading = held.reading ?? (await read());
      const shard = await reading.shardOf(shared);
      // What is read again and again goes on being read by it.
      held.reading = reading.close ? reading : undefined;
      held.made = { shared, shard };
      return shard;
    },
    forget() {
      held?.reading?.close?.();
      held = undefined;
    },
  };
}

/** Both are numbers and lists of numbers. */
const isSame = <T extends PartOrder | SharedStatistics>(a: T, b: T) =>
  JSON.stringify(a) === JSON.stringify(b);
