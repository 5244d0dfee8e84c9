/** What ranks say to each other of the data of a forecast: see `TaskTypes`. */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { BareChoice, BoxedChoice } from '../../data/choice/choice.ts';
import type { GivenPart, HeldReading, MeasuredPart, PartOrder, RankShard } from './held-part.ts';
import type { ScoredFields } from './scored-task.ts';
import type { SharedStatistics } from './slice-moments.ts';
import type { ForecastShard } from './slice-task.ts';
import type { ForecastOptions, ForecastTask, TaskOptions } from './task.ts';

/** What a rank is asked to read. */
export interface ReadOrder extends PartOrder {
  /** Where it names no addresses, the rank's own page must have given it the rest. */
  readonly choice: BoxedChoice | BareChoice;
  readonly options: TaskOptions;
}

/** What it answers: a source that it cannot read is no fault of the rank. */
export type ReadAnswer = MeasuredPart | { readonly unreadable: string };

/** The shard, what rank 0 read for the rank, or statistics to make it of what the rank holds. */
export type ShardCommand =
  | { readonly shard: ForecastShard }
  | { readonly given: GivenPart }
  | { readonly shared: SharedStatistics };

/** What rank 0 keeps, for a run that goes on with other ranks. */
export interface ForecastKept {
  readonly task: ForecastTask;
  /** Where every rank read its own part. */
  readonly split: KeptSplit | undefined;
}

export interface KeptSplit {
  /** See `PartOrder`. */
  readonly data: number;
  readonly source: BoxedSource;
  readonly own: HeldReading;
  readonly scored: ScoredFields;
}

export interface ForecastTypes {
  readonly options: ForecastOptions;
  readonly shard: RankShard;
  readonly order: ReadOrder;
  readonly answer: ReadAnswer;
  readonly command: ShardCommand;
  readonly kept: ForecastKept;
}
