/** What tests and benches train: a WeatherMixer that learns to forecast, and a ResNet that tells small images apart. */

import type { InputSpec } from '../../src/models/model.ts';
import { type ResNetConfig, resNets, smallStem } from '../../src/models/resnet-config.ts';
import { resNetKind } from '../../src/models/resnet-kind.ts';
import type { WeatherMixerConfig } from '../../src/models/weathermixer-config.ts';
import { weatherMixerOf } from '../../src/models/weathermixer-kind.ts';
import { classifyFrame } from '../../src/tasks/classify/frame.ts';
import { forecastFrame } from '../../src/tasks/forecast/frame.ts';
import type { ForecastShard } from '../../src/tasks/forecast/slice-task.ts';
import type { Job } from '../../src/train/plans.ts';

/** @param masked the data have gaps */
export const forecastJob = (config: WeatherMixerConfig, masked = false): Job => ({
  model: weatherMixerOf(config),
  frame: forecastFrame(config, masked),
});

/** Of images such as CIFAR-10 has, if nothing else is said. */
export function imageJob(depth: keyof typeof resNets, changes: Partial<ResNetConfig> = {}): Job {
  const { height = 32, width = 32 } = changes;
  const frame = classifyFrame({ channels: 3, height, width, classes: 10 });
  const config = resNetKind.fit({ ...resNets[depth], stem: smallStem, ...changes }, frame);
  return { model: { kind: resNetKind.kind, config }, frame };
}

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
