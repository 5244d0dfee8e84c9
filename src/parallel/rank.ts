/** Any rank but the first: it does what rank 0 calls for, and trains in step with the others in between. */
import type { TaskShard } from '../data/slice-task.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { learningRateAt } from '../train/schedule.ts';
import { HOLD, type TrainerState } from '../train/trainer.ts';
import type { Links } from './links.ts';
import { type Program, prepareShard, type ShardRun, stepTimes, type TrainCommand } from './program.ts';

/** Milliseconds between two reports of a rank's times. */
const REPORT_MS = 250;

export interface ServedRank {
  /** Frees what the rank holds, and its links. */
  close(): void;
}

/**
 * Serves the calls of rank 0 until the links end.
 *
 * @param open gives the device, opened once
 */
export function serveRank(
  open: () => Promise<{ gpu: Gpu; pipelines: PipelineCache }>,
  links: Links,
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

  const train = async ({ seed, plateau }: TrainCommand) => {
    const { program, trainer, batches } = prepared();
    const times = stepTimes(links);
    let reported = performance.now();
    const report = () => {
      reported = performance.now();
      links.notify(0, 'times', times.take());
    };
    let held = false;
    while (!held && trainer.step < program.steps) {
      const step = trainer.step + 1;
      const rate = learningRateAt(program.schedule, step, program.steps, plateau);
      await trainer.trainStep(batches.at(step, seed), rate, seed);
      held = (links.flagsHeard & HOLD) !== 0;
      times.add(trainer);
      if (performance.now() - reported >= REPORT_MS) report();
    }
    report();
  };

  const calls: Record<string, (argument: never) => Promise<unknown>> = {
    prepare: async ({ program, shard }: { program: Program; shard: TaskShard }) => {
      run?.trainer.destroy();
      run = undefined;
      const { gpu, pipelines } = await open();
      run = await prepareShard(gpu, pipelines, links, program, shard);
      return run.trainer.bytesBySpace();
    },
    reset: async (seed: number) => prepared().trainer.reset(seed),
    predict: async ({ input, batch }: { input: Float32Array<ArrayBuffer>; batch: number }) =>
      prepared().trainer.predict(input, batch),
    readState: async () => prepared().trainer.readState(),
    writeState: async ({ state, step }: { state: TrainerState; step: number }) =>
      prepared().trainer.writeState(state, step),
  };
  links.answer((name, argument) => {
    if (name === 'train') {
      inTurn(() => train(argument as TrainCommand)).catch((error: Error) => links.fail(error));
      return null;
    }
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
