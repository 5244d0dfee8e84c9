/** Any rank but the first: it does what rank 0 calls for, and trains in step with the others in between. */
import type { BoxedChoice } from '../data/choice/choice.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { HOLD } from '../train/model-trainer.ts';
import { learningRateAt } from '../train/schedule.ts';
import type { CheckpointLabel, TrainerState } from '../train/trainer-state.ts';
import type { Links } from './links.ts';
import { type Program, prepareShard, type ShardRun, stepTimes, type TrainCommand } from './program.ts';
import {
  bytesOfShard,
  createRankData,
  type MeasureCommand,
  type RankData,
  type ShardCommand,
} from './rank-data.ts';
import {
  createShardCopies,
  keepShard,
  type ShardCopies,
  type ShardCopy,
  type ShardHeading,
} from './shard-copies.ts';

/** Milliseconds between two reports of a rank's times. */
const REPORT_MS = 250;

export interface ServedRank {
  /** Frees what the rank holds, and its links. */
  close(): void;
}

export interface ServeOptions {
  /** Shards of checkpoints, which outlive the links. */
  readonly copies?: ShardCopies;
  /** Its part of the data, which outlives the links too. */
  readonly data?: RankData;
  /** What the user chose in the page of this rank. */
  readonly given?: BoxedChoice;
}

/**
 * Serves the calls of rank 0 until the links end.
 *
 * @param open gives the device, opened once
 */
export function serveRank(
  open: () => Promise<{ gpu: Gpu; pipelines: PipelineCache }>,
  links: Links,
  { copies = createShardCopies(), data = createRankData(), given }: ServeOptions = {},
): ServedRank {
  let run: ShardRun | undefined;
  /** What is being done; calls are answered in turn, and training is one of them. */
  let busy: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = busy.then(work);
    busy = result.catch(() => undefined);
    return result;
  };
  const prepared = (): ShardRun => {
    if (!run) throw new Error('nothing is prepared there');
    return run;
  };

  let isTold = false;
  /** Training goes on without the copy; what is in the way now is so at the next checkpoint too. */
  const tellOnce = (stored: Promise<void>) => {
    stored.catch(({ message }: Error) => {
      if (!isTold) links.notify(0, 'warning', message);
      isTold = true;
    });
  };

  const train = async ({ seed, plateau }: TrainCommand) => {
    const { program, trainer, batches } = prepared();
    const times = stepTimes(links, batches);
    let reported = performance.now();
    const report = () => {
      reported = performance.now();
      links.notify(0, 'times', times.take());
    };
    let held = false;
    while (!held && trainer.step < program.steps) {
      const step = trainer.step + 1;
      const rate = learningRateAt(program.schedule, step, program.steps, plateau);
      const batch = await batches.take(step, seed);
      const stepping = trainer.trainStep(batch, rate, seed);
      if (step < program.steps) batches.makeAhead(step + 1, seed);
      await stepping;
      held = (links.flagsHeard & HOLD) !== 0;
      times.add(trainer);
      if (performance.now() - reported >= REPORT_MS) report();
    }
    report();
  };

  /** The copy is made in turn; training may go on while it is read. */
  const readState = async (label: CheckpointLabel | null): Promise<TrainerState> => {
    const { program, state } = await inTurn(async () => {
      const { program, trainer } = prepared();
      return { program, ...(await trainer.snapshot(() => undefined)) };
    });
    const values = await state;
    if (label) tellOnce(keepShard(copies, links, program, label, values));
    return values;
  };

  const calls: Record<string, (argument: never) => Promise<unknown>> = {
    measure: (command: MeasureCommand) => data.measure(command, given),
    prepare: async ({ program, ...command }: ShardCommand & { program: Program }) => {
      run?.trainer.destroy();
      run = undefined;
      const { gpu, pipelines } = await open();
      const shard = await data.shardOf(command);
      run = await prepareShard(gpu, pipelines, links, program, shard);
      return { bytes: run.trainer.bytesBySpace(), dataBytes: bytesOfShard(shard) };
    },
    reset: async (seed: number) => prepared().trainer.reset(seed),
    predict: async ({ input, batch }: { input: Float32Array<ArrayBuffer>; batch: number }) =>
      prepared().trainer.predict(input, batch),
    writeState: async ({ state, step }: { state: TrainerState; step: number }) =>
      prepared().trainer.writeState(state, step),
  };
  links.answer((name, argument) => {
    if (name === 'train') {
      inTurn(() => train(argument as TrainCommand)).catch((error: Error) => links.fail(error));
      return null;
    }
    if (name === 'readState') return readState(argument as CheckpointLabel | null);
    // At any time: they touch nothing that is trained.
    if (name === 'keepCopy') return tellOnce(copies.put(argument as ShardCopy));
    if (name === 'copies') return copies.headings();
    if (name === 'readCopy') return copies.read(argument as ShardHeading);
    const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (!call) throw new Error(`there is no call ${name}`);
    return inTurn(() => call(argument as never));
  });
  return {
    close() {
      links.close();
      run?.trainer.destroy();
      run = undefined;
    },
  };
}
