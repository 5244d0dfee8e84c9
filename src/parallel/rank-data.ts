/**
 * What ranks train on, whatever the task: what rank 0 hands out, and what any other rank keeps. Its data outlive its links,
 * so that it need not read again what it has; those of another task are let go.
 */
import type { DataChoice } from '../data/choice/choice.ts';
import { taskKind } from '../tasks/index.ts';
import type { Opened, OpenedData, RankPart, TaskTypes } from '../tasks/task.ts';
import type { MeasureCommand, Measured, PrepareCommand } from './rank-calls.ts';

/** What the ranks train on: see `Opened`. */
export type ShardSupply = Pick<Opened<TaskTypes>, 'others'> & {
  readonly data: Pick<OpenedData<TaskTypes>, 'own'>;
};

export function createRankData() {
  let held: { readonly task: string; readonly part: RankPart<TaskTypes> } | undefined;
  const partOf = async (task: string): Promise<RankPart<TaskTypes>> => {
    if (held?.task !== task) held = { task, part: await taskKind(task).createPart() };
    return held.part;
  };
  return {
    /** @param given files or a folder that the user chose in the page of this rank: links cannot carry them */
    async measure({ task, order }: MeasureCommand, given?: DataChoice): Promise<Measured> {
      return { task, answer: await (await partOf(task)).measure(order, given) };
    },
    /** @throws Error where nothing was read that the shard could be made of */
    async shardOf({ task, command }: Pick<PrepareCommand, 'task' | 'command'>): Promise<unknown> {
      return (await partOf(task)).shardOf(command);
    },
    forget(): void {
      held?.part.forget();
    },
  };
}

export type RankData = ReturnType<typeof createRankData>;
