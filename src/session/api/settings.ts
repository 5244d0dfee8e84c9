/** A preset with the user's changes, checked, and fitted to a data set. */

import { syntheticTask } from '../../data/choice/synthetic.ts';
import { checkMesh } from '../../models/check-mesh.ts';
import { ConfigError, type Frame, type ModelConfig } from '../../models/model.ts';
import { weatherMixerKind, weatherMixerOf } from '../../models/weathermixer-kind.ts';
import { forecastFrame } from '../../tasks/forecast/frame.ts';
import { paddedGrid } from '../../tasks/forecast/make-task.ts';
import { partsFault, type StepParts } from '../../train/parts.ts';
import type { ScheduleOptions } from '../../train/schedule.ts';
import type { RunInfo } from './api.ts';
import { type Preset, presets } from './presets.ts';
import type { KeptConfig, MeshConfig, RunOverrides } from './run-config.ts';
import { isAllowed, type RunOption, rangeText, runOptions } from './run-options.ts';

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
export function settingsOf({ preset: name, steps, seed, data, overrides = {} }: KeptConfig): Preset {
  const preset = presetOf(name);
  const { batch = preset.batch, accumulate = 1 } = overrides;
  const weightDecay = overrides.weightDecay ?? preset.optimizer.weightDecay;
  checkOption('steps', steps);
  checkOption('seed', seed);
  for (const option of overridden) {
    const value = overrides[option];
    if (value !== undefined) checkOption(option, value);
  }
  const fault = partsFault(batch, { accumulate });
  if (fault !== undefined) throw new ConfigError(fault);
  return {
    ...preset,
    steps,
    batch,
    accumulate,
    task: data.kind === 'synthetic' ? { ...preset.task, ...syntheticTask } : preset.task,
    model: {
      ...preset.model,
      dropout: overrides.dropout ?? preset.model.dropout,
      embedding: overrides.width ?? preset.model.embedding,
      blocks: overrides.blocks ?? preset.model.blocks,
    },
    optimizer: { ...preset.optimizer, weightDecay },
    schedule: scheduleOf(preset.schedule, overrides.learningRate),
  };
}

const overridden = [
  'batch',
  'accumulate',
  'learningRate',
  'weightDecay',
  'dropout',
  'width',
  'blocks',
] as const satisfies readonly (keyof RunOverrides)[];

function checkOption(option: RunOption, value: number): void {
  if (isAllowed(option, value)) return;
  throw new ConfigError(`${runOptions[option].label} is ${value}; it must be ${rangeText(option)}.`);
}

function scheduleOf(schedule: ScheduleOptions, peak = schedule.peak): ScheduleOptions {
  if (schedule.kind !== 'cosine') return { ...schedule, peak };
  return { ...schedule, peak, floor: schedule.floor * (peak / schedule.peak) };
}

/** The model of a preset, fitted to data. @throws ConfigError */
export function modelFor({ model, task }: Preset, frame: Frame): ModelConfig {
  return weatherMixerOf(weatherMixerKind.fit({ ...model, patch: task.patch }, frame));
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
export function whyImpossible(info: RunInfo, mesh: MeshConfig): string | undefined {
  const preset = settingsOf(info.config);
  const { inputSteps, patch } = preset.task;
  const [height, width] = paddedGrid(info, patch);
  // The number of static fields has no part in the rule.
  const sizes = { channels: info.channels.length, statics: 0, inputSteps, height, width };
  try {
    checkMeshConfig(modelFor(preset, forecastFrame(sizes, false)), mesh, preset);
    return undefined;
  } catch (cause) {
    return (cause as Error).message;
  }
}
