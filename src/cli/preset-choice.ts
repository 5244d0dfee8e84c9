/** Which preset a command means, and what of its model is changed: the flags are the options of the kinds of models. */
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

/** Flags of all kinds of models: which of them a preset's model has, `modelOverrides` says. */
export const modelFlags: Readonly<Record<string, { readonly type: 'string' }>> = Object.fromEntries(
  kindOptionNames.map(name => [name, { type: 'string' }]),
);

/**
 * @param values of all flags, by name
 * @throws UsageError for a flag that the preset's kind of model does not have, and for a number out of range
 */
export function modelOverrides(
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
        `--${name} cannot be given with ${presetName}: its model, of the kind ${preset.model.kind}, has ${has || 'nothing to be changed'}.`,
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
