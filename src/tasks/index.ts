/** The kinds of tasks: whoever gets a frame looks its task up here. */
import { ConfigError } from '../models/model.ts';
import { classifyKind } from './classify/kind.ts';
import { forecastKind } from './forecast/kind.ts';
import type { OpenContext, RankPart, TaskKind, TaskTypes } from './task.ts';

/** A kind whose shards nobody but the kind looks into. */
export type AnyTaskKind = TaskKind<TaskTypes>;

export const taskKinds: readonly AnyTaskKind[] = [erased(forecastKind), erased(classifyKind)];

/** A kind by its name. @throws ConfigError where there is none */
export function taskKind(name: string): AnyTaskKind {
  const found = taskKinds.find(({ kind }) => kind === name);
  if (found) return found;
  throw new ConfigError(
    `There is no task named ${name}; there are ${taskKinds.map(({ kind }) => kind).join(', ')}.`,
  );
}

/** What is handed to a kind comes from that kind, or is checked by its `wire` where a peer sends it. */
function erased<Types extends TaskTypes>(kind: TaskKind<Types>): AnyTaskKind {
  return {
    ...kind,
    options: kind.options as AnyTaskKind['options'],
    open: (choice, options, context) =>
      kind.open(choice, options as Types['options'], context as OpenContext<Types>),
    plannedFrame: (options, sizes) => kind.plannedFrame(options as Types['options'], sizes),
    createPart: async () => (await kind.createPart()) as RankPart<TaskTypes>,
    openShard: shard => kind.openShard(shard as Types['shard']),
  };
}
