/** A preset with the user's changes, checked, and fitted to a data set. */

import { checkMesh } from '../../models/sharded-config.ts';
import { ConfigError, checkConfig, type WeatherMixerConfig } from '../../models/weathermixer-config.ts';
import { paddedGrid } from '../../tasks/forecast/make-task.ts';
import type { ForecastTask } from '../../tasks/forecast/task.ts';
import { partsFault, type StepParts } from '../../train/parts.ts';
import type { ScheduleOptions } from '../../train/schedule.ts';
import type { RunInfo } from './api.ts';
import { type Preset, presets } from './presets.ts';
import type { KeptConfig, MeshConfig } from './run-config.ts';

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
export function settingsOf({ preset: name, steps, seed, overrides = {} }: KeptConfig): Preset {
  const preset = presetOf(name);
  const { batch = preset.batch, accumulate = 1 } = overrides;
  const weightDecay = overrides.weightDecay ?? preset.optimizer.weightDecay;
  checkWhole('steps', steps, 1, 10_000_000);
  checkWhole('seed', seed, 0, 2 ** 32 - 1);
  checkWhole('batch', batch, 1, 4096);
  checkWhole('accumulate', accumulate, 1, batch);
  if (!(weightDecay >= 0 && weightDecay < 100)) {
    throw new ConfigError(`weight decay is ${weightDecay}; it must be at least 0 and below 100.`);
  }
  return {
    ...preset,
    steps,
    batch,
    accumulate,
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

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(`${name} is ${value}; it must be a whole number from ${least} to ${most}.`);
  }
}

function scheduleOf(schedule: ScheduleOptions, peak = schedule.peak): ScheduleOptions {
  if (!(peak > 0 && peak <= 10)) {
    throw new ConfigError(`learning rate is ${peak}; it must be above 0 and at most 10.`);
  }
  if (schedule.kind !== 'cosine') return { ...schedule, peak };
  return { ...schedule, peak, floor: schedule.floor * (peak / schedule.peak) };
}

/** The model of a preset on the grid and channels of a task. @throws ConfigError */
export function modelFor(
  preset: Preset,
  {
    channels,
    statics,
    height,
    width,
    options,
  }: Pick<ForecastTask, 'channels' | 'statics' | 'height' | 'width' | 'options'>,
): WeatherMixerConfig {
  const config = {
    ...preset.model,
    channels,
    statics,
    height,
    width,
    inputSteps: options.inputSteps,
    patch: options.patch,
  };
  checkConfig(config);
  return config;
}

/** @throws ConfigError with the reason why the mesh is impossible for the model and the batch */
export function checkMeshConfig(
  model: WeatherMixerConfig,
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
  const model = {
    ...preset.model,
    ...{ channels: info.channels.length, statics: 0, inputSteps, height, width, patch },
  };
  try {
    checkMeshConfig(model, mesh, preset);
    return undefined;
  } catch (cause) {
    return (cause as Error).message;
  }
}
