/** The kinds of tasks: whoever gets a frame looks its task up here. */
import { ConfigError } from '../models/model.ts';
import { forecastKind } from './forecast/kind.ts';
import type { ForecastShard } from './forecast/slice-task.ts';
import type { TaskKind } from './task.ts';

const kinds = [forecastKind];

/** A kind by its name. @throws ConfigError where there is none */
export function taskKind(name: string): TaskKind<ForecastShard> {
  const found = kinds.find(({ kind }) => kind === name);
  if (found) return found;
  throw new ConfigError(
    `There is no task named ${name}; there are ${kinds.map(({ kind }) => kind).join(', ')}.`,
  );
}
