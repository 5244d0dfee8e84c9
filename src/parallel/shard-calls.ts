/** What a rank does with its shard when it is called to: every rank with its own, the first among them. */
import type { CheckpointLabel, TrainerState } from '../train/trainer-state.ts';
import type { ShardRun } from './program.ts';
import type { ShardCalls } from './rank-calls.ts';
import { type ShardCopy, shardCopy } from './shard-copies.ts';

export function shardCalls({ trainer, batches }: ShardRun): ShardCalls {
  return {
    reset: seed => trainer.reset(seed),
    predict: ({ input, batch }) => trainer.predict(input, batch),
    writeState: ({ state, step }) => trainer.writeState(state, step),
    look: async ({ step, seed, looks }) => trainer.look(await batches.take(step, seed), step, seed, looks),
    rehearse: async ({ step, seed }) => trainer.rehearse(await batches.take(step, seed), step, seed),
  };
}

/**
 * The state of a shard as it is now. Resolves when it is copied: training may go on, and the values follow.
 *
 * @param keep keeps a copy as part of a checkpoint, where there is a label, and gives one to the rank that is its holder
 */
export async function snapshotShard(
  { program, trainer }: ShardRun,
  rank: number,
  label: CheckpointLabel | undefined,
  keep: (copy: ShardCopy, holder: number) => void,
): Promise<{ readonly state: Promise<TrainerState> }> {
  const { state } = await trainer.snapshot(() => label);
  return {
    state: state.then(values => {
      if (label) keep(shardCopy(rank, program, label, values), program.copyTo[rank]);
      return values;
    }),
  };
}
