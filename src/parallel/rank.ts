/** Any rank but the first: it does what rank 0 calls for, and trains in step with the others in between. */
import type { DataChoice } from '../data/choice/choice.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { hashOf } from '../plan/hash.ts';
import { loadKinds } from '../train/load-kinds.ts';
import { trainSteps } from '../train/loop.ts';
import { HOLD } from '../train/model-trainer.ts';
import { plansOf, type RankPlans } from '../train/plans.ts';
import { callsTo, serveCalls } from './call-proxies.ts';
import {
  type Program,
  plansOfRank,
  prepareShard,
  type ShardRun,
  shardBytes,
  stepTimes,
  type TrainCommand,
} from './program.ts';
import { createRankData, type RankData } from './rank-data.ts';
import type { RankLinks } from './rank-links.ts';
import { shardCalls, snapshotShard } from './shard-calls.ts';
import { copyCalls, createShardCopies, type ShardCopies, type ShardCopy } from './shard-copies.ts';
import { chooseForms, type Tuning } from './tuning.ts';

/** Milliseconds between two reports of a rank's times. */
const REPORT_MS = 250;

export interface ServedRank {
  /** Ends its links, and with them what waits for a peer. Resolves once what the rank held is freed. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Shards of checkpoints, which outlive the links. */
  readonly copies?: ShardCopies;
  /** Its part of the data, which outlives the links too. */
  readonly data?: RankData;
  /** What the user chose in the page of this rank. */
  readonly given?: DataChoice;
  /** How it finds the fastest forms of products; absent: they are the usual ones. */
  readonly tuning?: Tuning;
}

/**
 * Serves the calls of rank 0 until the links end.
 *
 * @param open gives the device, opened once
 */
export function serveRank(
  open: () => Promise<{ gpu: Gpu; pipelines: PipelineCache }>,
  links: RankLinks,
  { copies = createShardCopies(), data = createRankData(), given, tuning }: ServeOptions = {},
): ServedRank {
  const first = callsTo(links, 0);
  let run: ShardRun | undefined;
  /** Plans that were compiled to be measured: those of the program that is prepared next. */
  let compiled: { readonly of: string; readonly plans: RankPlans } | undefined;
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
      if (!isTold) first.warning(message);
      isTold = true;
    });
  };
  const keep = (copy: ShardCopy, holder: number) => {
    callsTo(links, holder).keepCopy(copy);
    tellOnce(copies.put(copy));
  };

  const shard = () => shardCalls(prepared());

  const train = async ({ seed, plateau }: TrainCommand) => {
    const { program, trainer, batches, reads } = prepared();
    const times = stepTimes(links, batches, reads);
    let reported = performance.now();
    const report = () => {
      reported = performance.now();
      first.times(times.take());
    };
    const { schedule, steps } = program;
    const options = { batches, schedule, steps, seed, plateau: () => plateau };
    let held = false;
    await trainSteps(trainer, options, {
      before: () => (held ? undefined : false),
      after() {
        held = (links.flagsHeard & HOLD) !== 0;
        times.add(trainer);
        if (performance.now() - reported >= REPORT_MS) report();
      },
    });
    report();
  };

  serveCalls(links, {
    measure: command => inTurn(() => data.measure(command, given)),
    tune: program =>
      inTurn(async () => {
        // What is measured needs the memory, and the device to itself.
        run?.trainer.destroy();
        run = undefined;
        await loadKinds(program.model.kind, program.frame.task);
        const plans = () => {
          compiled = { of: withoutForms(program), plans: plansOfRank(program, links.rank) };
          return plansOf(compiled.plans);
        };
        return chooseForms(await open(), program.forms, plans, tuning);
      }),
    prepare: ({ program, task, command }) =>
      inTurn(async () => {
        run?.trainer.destroy();
        run = undefined;
        const plans = compiled?.of === withoutForms(program) ? compiled.plans : undefined;
        compiled = undefined;
        await loadKinds(program.model.kind, task);
        const { gpu, pipelines } = await open();
        const shard = await data.shardOf({ task, command });
        run = await prepareShard(gpu, pipelines, links, program, shard, {
          plans,
          tuning,
          onTraces: traces => first.traces(traces),
        });
        return shardBytes(run);
      }),
    reset: seed => inTurn(() => shard().reset(seed)),
    predict: command => inTurn(() => shard().predict(command)),
    // The copy is made in turn; training may go on while it is read.
    readState: async label =>
      (await inTurn(() => snapshotShard(prepared(), links.rank, label ?? undefined, keep))).state,
    writeState: command => inTurn(() => shard().writeState(command)),
    look: command => inTurn(() => shard().look(command)),
    rehearse: command => inTurn(() => shard().rehearse(command)),
    train(command) {
      inTurn(() => train(command)).catch((error: Error) => links.fail(error));
    },
    // At any time: they touch nothing that is trained.
    keepCopy: copy => tellOnce(copies.put(copy)),
    ...copyCalls(copies),
  });
  return {
    close() {
      links.close();
      // In turn: a step that is under way still writes to what it holds.
      return inTurn(async () => {
        run?.trainer.destroy();
        run = undefined;
      });
    },
  };
}

const withoutForms = ({ forms: _, ...program }: Program): string => hashOf(program);
