/** What a rank does with its shard when it is called to: every rank with its own, the first among them. */
import type { ShardRun } from './program.ts';
import type { ShardCalls } from './rank-calls.ts';
import { type ShardCopy, shardCopy } from './shard-copies.ts';

/** @param keep keeps a copy of the shard, as part of a checkpoint */
export function shardCalls(
  { program, trainer }: ShardRun,
  rank: number,
  keep: (copy: ShardCopy) => void,
): ShardCalls {
  return {
    reset: seed => trainer.reset(seed),
    predict: ({ input, batch }) => trainer.predict(input, batch),
    async readState(label) {
      const state = await trainer.readState();
      if (label) keep(shardCopy(rank, program, label, state));
      return state;
    },
    writeState: ({ state, step }) => trainer.writeState(state, step),
  };
}
