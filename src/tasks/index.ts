/** The kinds of tasks: whoever gets a frame looks its task up here. */
import { ConfigError } from '../models/model.ts';
import { classifyKind } from './classify/kind.ts';
import { forecastKind } from './forecast/kind.ts';
import type { TaskKind } from './task.ts';

/** A kind whose shards nobody but the kind looks into. */
type AnyTaskKind = TaskKind<unknown>;

const kinds: readonly AnyTaskKind[] = [erased(forecastKind), erased(classifyKind)];

/** A kind by its name. @throws ConfigError where there is none */
export function taskKind(name: string): AnyTaskKind {
  const found = kinds.find(({ kind }) => kind === name);
  if (found) return found;
  throw new ConfigError(
    `There is no task named ${name}; there are ${kinds.map(({ kind }) => kind).join(', ')}.`,
  );
}

/** A shard comes from the task's own reader, or is checked where a peer sends it. */
function erased<Shard>(kind: TaskKind<Shard>): AnyTaskKind {
  return { ...kind, openShard: shard => kind.openShard(shard as Shard) };
}
