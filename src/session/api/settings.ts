/** A preset with the user's changes, checked. */

import { checkMesh } from '../../models/check-mesh.ts';
import { ConfigError, type ModelConfig, type OptionSpec } from '../../models/model.ts';
import { modelOutline } from '../../models/outlines.ts';
import { taskOutline } from '../../tasks/outlines.ts';
import { partsFault, type StepParts } from '../../train/parts.ts';
import type { ScheduleOptions } from '../../train/schedule.ts';
import type { RunInfo } from './api.ts';
import { type Preset, presets } from './presets.ts';
import type { KeptConfig, MeshConfig, RunOverrides } from './run-config.ts';
import { isWithin, kindOptions, rangeOf, runOptions } from './run-options.ts';

export { partsFault, type StepParts };

/** @throws ConfigError for a name that is no preset. */
export function presetOf(name: string): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (!preset) {
    throw new ConfigError(
      `There is no preset named ${name}. Choose one of: ${Object.keys(presets).join(', ')}.`,
    );
  }
  return preset;
}

/** The preset of a run with its overrides. @throws ConfigError where a number makes no sense. */
export function settingsOf({
  preset: name,
  steps,
  seed,
  overrides = {},
  dataMemory,
}: Omit<KeptConfig, 'data'>): Preset {
  const preset = presetOf(name);
  const { batch = preset.batch, accumulate = 1 } = overrides;
  const weightDecay = overrides.weightDecay ?? preset.optimizer.weightDecay;
  check(runOptions.steps, steps);
  check(runOptions.seed, seed);
  if (dataMemory !== undefined) check(runOptions.dataMemory, dataMemory);
  for (const option of trainingOptions) {
    const value = overrides[option];
    if (value !== undefined) check(runOptions[option], value);
  }
  const fault = partsFault(batch, { accumulate });
  if (fault !== undefined) throw new ConfigError(fault);
  return {
    ...preset,
    steps,
    batch,
    accumulate,
    ...changedKinds(preset, overrides),
    optimizer: { ...preset.optimizer, weightDecay },
    schedule: scheduleOf(preset.schedule, overrides.learningRate),
  };
}

/** What a preset says of what may be changed of its model and its task, by name: see `kindOptions`. */
export function presetValues({ model, task }: Preset): ReadonlyMap<string, number> {
  const valuesIn = (values: object, of: readonly { readonly name: string; readonly key: string }[]) => {
    const found = new Map(Object.entries(values));
    return of.map(({ name, key }): [string, number] => [name, Number(found.get(key))]);
  };
  return new Map([
    ...valuesIn(model.options, modelOutline(model.kind).options),
    ...valuesIn(task.options, taskOutline(task.kind).options),
  ]);
}

/** What may be changed whatever the model is. */
const trainingOptions = ['batch', 'accumulate', 'learningRate', 'weightDecay'] as const;

/**
 * The model and the task of a preset with what a user changed of them.
 *
 * @throws ConfigError where their kinds have no such option, or not with such a value
 */
function changedKinds(preset: Preset, overrides: RunOverrides): Pick<Preset, 'model' | 'task'> {
  const known = kindOptions(preset);
  const changes = Object.entries(overrides).filter(
    ([name, value]) => value !== undefined && !trainingOptions.some(option => option === name),
  );
  for (const [name, value] of changes) {
    const option = known.get(name);
    if (!option) {
      const { label } = modelOutline(preset.model.kind);
      throw new ConfigError(
        `A ${label} has no ${name} to be changed; it has ${[...known.keys()].join(', ')}.`,
      );
    }
    check(option, Number(value));
  }
  const changed = (
    options: object,
    of: readonly (Pick<OptionSpec, 'kind'> & { readonly name: string; readonly key: string })[],
  ) => ({
    ...options,
    ...Object.fromEntries(
      of.flatMap(({ name, key, kind }) => {
        const value = overrides[name];
        return value === undefined ? [] : [[key, kind === 'switch' ? value === 1 : value]];
      }),
    ),
  });
  const { model, task } = preset;
  return {
    model: { ...model, options: changed(model.options, modelOutline(model.kind).options) },
    task: { ...task, options: changed(task.options, taskOutline(task.kind).options) },
  };
}

function check(option: OptionSpec, value: number): void {
  if (isWithin(option, value)) return;
  throw new ConfigError(`${option.label} is ${value}; it must be ${rangeOf(option)}.`);
}

function scheduleOf(schedule: ScheduleOptions, peak = schedule.peak): ScheduleOptions {
  if (schedule.kind !== 'cosine') return { ...schedule, peak };
  return { ...schedule, peak, floor: schedule.floor * (peak / schedule.peak) };
}

/** @throws ConfigError with the reason why the mesh is impossible for the model and the batch */
export function checkMeshConfig(
  model: ModelConfig,
  mesh: MeshConfig,
  { batch, accumulate }: Pick<Preset, 'batch' | 'accumulate'>,
): void {
  checkMesh(model, mesh, batch);
  const { microBatches, replicas } = mesh;
  const fault = partsFault(batch / replicas, { accumulate, microBatches });
  if (fault !== undefined) throw new ConfigError(fault);
}

/** Why this mesh is impossible for the model and the batch of a prepared run, for people; undefined where it is not. */
export function whyImpossible({ config, modelConfig }: RunInfo, mesh: MeshConfig): string | undefined {
  try {
    checkMeshConfig(modelConfig, mesh, settingsOf(config));
    return undefined;
  } catch (cause) {
    return (cause as Error).message;
  }
}
