/** A WeatherMixer that learns to forecast: what most tests train. */

import type { InputSpec } from '../../src/models/model.ts';
import type { WeatherMixerConfig } from '../../src/models/weathermixer-config.ts';
import { weatherMixerOf } from '../../src/models/weathermixer-kind.ts';
import { forecastFrame } from '../../src/tasks/forecast/frame.ts';
import type { ForecastShard } from '../../src/tasks/forecast/slice-task.ts';
import type { Job } from '../../src/train/plans.ts';

/** @param masked the data have gaps */
export const forecastJob = (config: WeatherMixerConfig, masked = false): Job => ({
  model: weatherMixerOf(config),
  frame: forecastFrame(config, masked),
});

/** The inputs of a batch that a shard fills, whichever model they are for. */
export function shardInputs({ inputs, targets, height, width, known }: ForecastShard): readonly InputSpec[] {
  const array = (name: string, channels: number): InputSpec => ({
    name,
    shape: [channels, height, width],
    dtype: 'f32',
    per: 'sample',
    for: 'model',
  });
  const mask = known ? [array('mask', targets.length)] : [];
  return [array('input', inputs.length), array('target', targets.length), ...mask];
}
