/**
 * What the ranks of a mesh call each other for. Rank 0 conducts: it calls the others to do what needs all of them, and
 * hears of them what they have to tell. Any rank keeps copies of shards, and can be asked for them.
 */
import type { Look, Looked } from '../plan/look.ts';
import type { StepTrace } from '../plan/trace.ts';
import type { CheckpointLabel, TrainerState } from '../train/trainer-state.ts';
import type { Program, RankTimes, ShardBytes, TrainCommand } from './program.ts';
import type { ShardCopy, ShardHeading } from './shard-copies.ts';
import type { RankForms } from './tuning.ts';

/** What a rank is called to read, in the words of the kind of task: see `TaskTypes`. */
export interface MeasureCommand {
  readonly task: string;
  readonly order: unknown;
}

export interface Measured {
  readonly task: string;
  readonly answer: unknown;
}

export interface PrepareCommand {
  readonly program: Program;
  /** Of the program's frame: what it comes by its shard with is in the words of that kind. */
  readonly task: string;
  readonly command: unknown;
}

export interface PredictCommand {
  /** The rank's block: [batch, input channels, height, width]. */
  readonly input: Float32Array<ArrayBuffer>;
  readonly batch: number;
}

export interface StateCommand {
  readonly state: TrainerState;
  /** Steps after which it was read. */
  readonly step: number;
}

export interface LookCommand {
  /** The step that is looked at, from 1, and the seed of its dropout masks. */
  readonly step: number;
  readonly seed: number;
  readonly looks: readonly Look[];
}

export type RehearseCommand = Omit<LookCommand, 'looks'>;

/** What is asked for, and answered. Of rank 0: the copies; of the others: all of it, in turn but for the copies. */
interface Asked {
  measure(command: MeasureCommand): Promise<Measured>;
  /** How it would compute the products of a program that will be prepared; see `chooseForms`. */
  tune(program: Program): Promise<RankForms | null>;
  prepare(command: PrepareCommand): Promise<ShardBytes>;
  reset(seed: number): Promise<void>;
  /** @returns the rank's block of the forecast */
  predict(command: PredictCommand): Promise<Float32Array<ArrayBuffer>>;
  /** @param label where the rank is to keep what is read as its part of a checkpoint */
  readState(label: CheckpointLabel | null): Promise<TrainerState>;
  writeState(command: StateCommand): Promise<void>;
  /** Runs a step up to its update, with all other ranks, and gives what is wanted of it. */
  look(command: LookCommand): Promise<readonly Looked[]>;
  /** Runs a step up to its update, with all other ranks, and gives its traces: see `Trainer.rehearse`. */
  rehearse(command: RehearseCommand): Promise<readonly StepTrace[]>;
  /** Which shards it keeps copies of. */
  copies(): Promise<readonly ShardHeading[]>;
  readCopy(heading: ShardHeading): Promise<ShardCopy | null>;
}

/** What is told, and not answered. */
interface Told {
  /** To all but rank 0: trains in step with the others, until it hears that they hold. */
  train(command: TrainCommand): void;
  /** To rank 0: sums since the last report. */
  times(times: RankTimes): void;
  /** To rank 0, for people; training goes on. */
  warning(message: string): void;
  /** To rank 0: what a sampled step left behind here. */
  traces(traces: readonly StepTrace[]): void;
  /** To whoever keeps copies for the sender. */
  keepCopy(copy: ShardCopy): void;
}

export interface RankCalls extends Asked, Told {}

/** Those of a prepared shard: rank 0 answers them for its own as the others do for theirs. */
export type ShardCalls = Pick<RankCalls, 'reset' | 'predict' | 'writeState' | 'look' | 'rehearse'>;

export type CallName = keyof RankCalls;
export type AskedName = keyof Asked;
/** Of one argument, or of none. */
export type CallArguments<Name extends CallName> = Parameters<RankCalls[Name]>;
export type CallAnswer<Name extends CallName> = Awaited<ReturnType<RankCalls[Name]>>;

/** Answers some of the calls; `from` is the rank that calls. */
export type ServedCalls = {
  readonly [Name in CallName]?: (
    argument: CallArguments<Name>[0],
    from: number,
  ) => CallAnswer<Name> | Promise<CallAnswer<Name>>;
};
