/** Which preset a command means, and what of its model and task is changed: the flags are the options of their kinds. */
import { type Preset, presets } from '../session/api/presets.ts';
import type { RunOverrides } from '../session/api/run-config.ts';
import {
  isWithin,
  kindOptionNames,
  kindOptions,
  type OptionSpec,
  rangeOf,
} from '../session/api/run-options.ts';
import { UsageError } from './usage-error.ts';

export interface NamedPreset {
  readonly name: string;
  readonly preset: Preset;
}

interface Named {
  readonly preset?: string;
  /** The same by another name. */
  readonly model?: string;
  /** Kind of the task. */
  readonly task?: string;
}

/**
 * @param fallback the name where none is given
 * @throws UsageError
 */
export function choosePreset({ preset, model, task }: Named, fallback: string): NamedPreset {
  if (preset !== undefined && model !== undefined && preset !== model) {
    throw new UsageError(
      `--preset is "${preset}" and --model "${model}": both name the model and its training settings; give one of them.`,
    );
  }
  const byTask = presetsByTask();
  const ofTask = task === undefined ? undefined : byTask.get(task);
  if (task !== undefined && !ofTask) {
    throw new UsageError(`--task is "${task}"; there are ${[...byTask.keys()].join(', ')}.`);
  }
  const option = preset === undefined && model !== undefined ? 'model' : 'preset';
  const given = preset ?? model;
  const name = given ?? (ofTask?.includes(fallback) === false ? ofTask[0] : fallback);
  if (!Object.hasOwn(presets, name)) {
    throw new UsageError(`--${option} is "${name}"; there are ${Object.keys(presets).join(', ')}.`);
  }
  const found = presets[name];
  if (ofTask && task !== found.task.kind) {
    throw new UsageError(
      `--task is "${task}", and the task of ${name} is ${found.task.kind}; of ${task} there are ${ofTask.join(', ')}.`,
    );
  }
  return { name, preset: found };
}

/** Names of presets by the kind of their task. */
export function presetsByTask(): ReadonlyMap<string, readonly string[]> {
  const byTask = new Map<string, string[]>();
  for (const [name, { task }] of Object.entries(presets)) {
    byTask.set(task.kind, [...(byTask.get(task.kind) ?? []), name]);
  }
  return byTask;
}

export const takesImages = ({ embedded }: Preset): boolean => embedded.kind === 'shapes';

/** Presets of the tasks that a user may have meant: `a preset of classify (resnet8, ...)`. */
export function anotherTask(than: string): string {
  const others = Array.from(presetsByTask()).filter(([task]) => task !== than);
  return `a preset of ${others.map(([task, names]) => `${task} (such as ${names[0]})`).join(' or ')}`;
}

/** Flags of all kinds of models and tasks: which of them a preset has, `kindOverrides` says. */
export const kindFlags: Readonly<Record<string, { readonly type: 'string' }>> = Object.fromEntries(
  kindOptionNames.map(name => [name, { type: 'string' }]),
);

/**
 * @param values of all flags, by name
 * @throws UsageError for a flag that the preset's model and task do not have, and for a number out of range
 */
export function kindOverrides(
  values: Readonly<Record<string, unknown>>,
  { name: presetName, preset }: NamedPreset,
): RunOverrides {
  const options = kindOptions(preset);
  const given = kindOptionNames.filter(name => values[name] !== undefined);
  return Object.fromEntries(
    given.map(name => {
      const option = options.get(name);
      if (option) return [name, numberOf(name, String(values[name]), option)];
      const has = [...options.keys()].map(other => `--${other}`).join(', ');
      throw new UsageError(
        `--${name} cannot be given with ${presetName}: of its model (${preset.model.kind}) and task (${preset.task.kind}) can be changed ${has || 'nothing'}.`,
      );
    }),
  );
}

/** The number that a flag was given. @throws UsageError where it is none, or out of range */
export function numberOf(flag: string, text: string, option: OptionSpec): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (isWithin(option, value)) return value;
  throw new UsageError(`--${flag} is "${text}"; it must be ${rangeOf(option)}.`);
}
