/** The outlines of all kinds of tasks: light enough for the first view of the page, which reads no data. */
import { ConfigError } from '../models/model.ts';
import { classifyOutline } from './classify/outline.ts';
import { forecastOutline } from './forecast/outline.ts';
import type { TaskOutline } from './task.ts';

/** One whose options nobody but the kind looks into. */
type AnyTaskOutline = TaskOutline<object>;

export const taskOutlines: readonly AnyTaskOutline[] = [erased(forecastOutline), erased(classifyOutline)];

/** That of a kind, by its name. @throws ConfigError where there is none */
export function taskOutline(name: string): AnyTaskOutline {
  const found = taskOutlines.find(({ kind }) => kind === name);
  if (found) return found;
  throw new ConfigError(
    `There is no task named ${name}; there are ${taskOutlines.map(({ kind }) => kind).join(', ')}.`,
  );
}

function erased<Options>(outline: TaskOutline<Options>): AnyTaskOutline {
  return { ...outline, options: outline.options as AnyTaskOutline['options'] };
}
