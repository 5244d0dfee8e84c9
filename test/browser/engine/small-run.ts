/** A small model and its batches for the tests of the engine. They share shapes, and so pipelines. */
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import type { OptimizerOptions } from '../../../src/train/optimizer-options.ts';
import type { Trainer, TrainerOptions } from '../../../src/train/trainer.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { randomValues } from '../check.ts';

export const model: WeatherMixerConfig = {
  channels: 3,
  statics: 1,
  inputSteps: 1,
  height: 4,
  width: 6,
  patch: [2, 2],
  embedding: 8,
  tokenHidden: 5,
  channelHidden: 7,
  blocks: 1,
  normGroups: 2,
  dropout: 0.1,
  latentSkip: 'concat',
  head: 'blend',
  rollout: 1,
};

export const optimizer: OptimizerOptions = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.05,
  decayVectors: false,
  clipNorm: 1,
  rateScale: {},
  averageDecay: 0.9,
};

export const options: TrainerOptions = { ...forecastJob(model), optimizer, batch: 2, seed: 7 };

/** The batch of a step: [2, 4, 4, 6] in, [2, 3, 4, 6] out. */
export function batchOf(step: number) {
  return { input: randomValues(2 * 4 * 24, 2 * step), target: randomValues(2 * 3 * 24, 2 * step + 1) };
}

/** All loss weights 1. */
export function weighEvenly(trainer: Trainer): void {
  trainer.setConstants({ weight: new Float32Array(3 * 24).fill(1) });
}
