/** Named runs: a model, its task, and how it is trained. */

import type { ZarrSelection } from '../../data/choice/choice.ts';
import type { SyntheticChoice } from '../../data/choice/synthetic.ts';
import {
  weatherBench2Selection,
  weatherBench2Split,
  weatherBench2Stores,
  weatherBench2Weights,
} from '../../data/choice/weatherbench2.ts';
import { publishedSizes } from '../../models/published-sizes.ts';
import type { WeatherMixerConfig } from '../../models/weathermixer-config.ts';
import type { TaskOptions } from '../../tasks/forecast/task.ts';
import type { OptimizerOptions } from '../../train/optimizer.ts';
import type { ScheduleOptions } from '../../train/schedule.ts';

/** The part of a model that does not follow from the data. */
export type ModelOptions = Omit<
  WeatherMixerConfig,
  'channels' | 'statics' | 'inputSteps' | 'height' | 'width' | 'patch'
>;

export interface Preset {
  readonly label: string;
  readonly description: string;
  readonly model: ModelOptions;
  readonly task: TaskOptions;
  readonly optimizer: OptimizerOptions;
  readonly schedule: ScheduleOptions;
  readonly batch: number;
  /** Passes that the batch is computed in; 1 where absent. */
  readonly accumulate?: number;
  readonly steps: number;
  /** Days of the embedded atmosphere that the preset is meant for. */
  readonly embeddedDays: number;
  /** The Zarr store that the preset is meant for instead of the embedded atmosphere, and what it takes of it. */
  readonly store?: { readonly url: string; readonly selection: ZarrSelection };
  /** Starts that a score is taken over at most, evenly spaced. */
  readonly scoredStarts: number;
  /** Model steps ahead of the final scores. */
  readonly scoredSteps: readonly number[];
  /** For a published size: the grid and channels that it is defined for. */
  readonly published?: WeatherMixerConfig;
}

const adamw: OptimizerOptions = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.05,
  decayVectors: false,
  clipNorm: 1,
  rateScale: {},
  averageDecay: 0.99,
};

/** A day ahead on the embedded atmosphere: four of its six-hourly steps. */
const embeddedTask: TaskOptions = {
  inputSteps: 1,
  leadSteps: 4,
  patch: [4, 4],
  split: { kind: 'fraction', train: 0.8, validation: 0.1 },
  // The model atmosphere has no seasons: its climatology is the mean at every point.
  normalisation: 'anomaly',
  harmonics: 0,
};

const demo: Preset = {
  label: 'Demo',
  description:
    'One day ahead on the embedded atmosphere: pleasant on a laptop GPU, usable on a software adapter.',
  model: {
    embedding: 128,
    tokenHidden: 128,
    channelHidden: 256,
    blocks: 2,
    normGroups: 2,
    dropout: 0.001,
    latentSkip: 'concat',
    head: 'add',
    rollout: 1,
  },
  task: embeddedTask,
  // Small batches, many steps, and a short memory of the gradient's size: what validation asked for.
  optimizer: { ...adamw, beta2: 0.95 },
  schedule: { kind: 'cosine', peak: 4e-3, floor: 2e-5, warmup: 40 },
  batch: 2,
  steps: 2000,
  embeddedDays: 730,
  scoredStarts: 64,
  scoredSteps: [1, 2, 3, 5],
};

const tiny: Preset = {
  ...demo,
  label: 'Tiny',
  description: 'For a first look and for tests: a hundred steps take seconds even on a software adapter.',
  model: { ...demo.model, embedding: 32, tokenHidden: 32, channelHidden: 32, blocks: 2 },
  task: { ...embeddedTask, patch: [4, 8] },
  schedule: { kind: 'cosine', peak: 4e-3, floor: 4e-5, warmup: 10 },
  batch: 4,
  steps: 200,
  embeddedDays: 60,
  scoredStarts: 16,
  scoredSteps: [1, 2],
};

/**
 * Made for daily sea level pressure of the North Atlantic (NCEP/NCAR reanalysis), 2001 to 2010: the first eight of
 * these ten years train, as the task says. Chosen on 2007 and 2008 after training on the years before.
 */
const regional: Preset = {
  label: 'Regional',
  description: 'Daily fields of a region from a NetCDF file: two days in, the next day out.',
  model: {
    embedding: 64,
    tokenHidden: 64,
    channelHidden: 64,
    blocks: 3,
    normGroups: 1,
    dropout: 0.05,
    latentSkip: 'concat',
    head: 'add',
    rollout: 1,
  },
  task: {
    inputSteps: 2,
    leadSteps: 1,
    patch: [3, 3],
    split: { kind: 'fraction', train: 0.8, validation: 0 },
    normalisation: 'anomaly',
    harmonics: 2,
    positionInputs: true,
    seasonInputs: true,
  },
  optimizer: { ...adamw, weightDecay: 0.5, averageDecay: 0, rateScale: { recovery: 0.6 } },
  schedule: { kind: 'cosine', peak: 6e-3, floor: 0, warmup: 50 },
  batch: 32,
  steps: 1000,
  embeddedDays: 730,
  scoredStarts: 1000,
  scoredSteps: [1, 2, 3],
};

const era5: Preset = {
  ...demo,
  label: 'ERA5',
  description:
    'Six hours ahead on ERA5 of WeatherBench 2, 69 channels on 64 x 32 points, 2016 to 2018: about 2.5 GB are read. ' +
    'Its sizes are a first guess, not yet tried on these data.',
  model: { ...demo.model, embedding: 256, channelHidden: 512, blocks: 3 },
  task: {
    inputSteps: 1,
    leadSteps: 1,
    patch: [4, 4],
    split: weatherBench2Split,
    normalisation: 'standard',
    harmonics: 2,
    variableWeights: weatherBench2Weights,
  },
  steps: 5000,
  store: { url: weatherBench2Stores['64x32'], selection: weatherBench2Selection },
  scoredSteps: [1, 4, 12, 20],
};

/** The published training of a published size: arXiv:2507.05753, runs C1. */
function publishedPreset(name: string, config: WeatherMixerConfig): Preset {
  const { channels, statics, inputSteps, height, width, patch, ...model } = config;
  return {
    label: `Published ${name}`,
    description:
      `A size of the paper: ${inputSteps * channels + statics} channels on ${height} x ${width} points. ` +
      'It needs ERA5 at a quarter of a degree, and most sizes need several devices.',
    model,
    task: { ...embeddedTask, leadSteps: 1, patch },
    optimizer: {
      ...adamw,
      kind: 'adam',
      weightDecay: 3e-6,
      decayVectors: true,
      rateScale: { embedding: 0.2, recovery: 0.2 },
      averageDecay: 0,
    },
    schedule: { kind: 'cosine', peak: 1e-4, floor: 1e-5, warmup: 1000 },
    batch: 1,
    steps: 100_000,
    embeddedDays: demo.embeddedDays,
    scoredStarts: 64,
    scoredSteps: [1],
    published: config,
  };
}

/** Steps of synthetic data: two months, or, where one step takes 0.3 GB, as few as can be cut in three parts. */
const SYNTHETIC_STEPS = 256;
const SYNTHETIC_STEPS_PUBLISHED = 8;

/** Synthetic data of the grid and channels that a preset is meant for. */
export function syntheticChoice({ store, published }: Preset, seed: number): SyntheticChoice {
  return {
    kind: 'synthetic',
    like: store || published ? 'weatherbench2' : 'atmosphere',
    height: published?.height ?? 32,
    width: published?.width ?? 64,
    steps: published ? SYNTHETIC_STEPS_PUBLISHED : SYNTHETIC_STEPS,
    seed,
  };
}

export const presets: Readonly<Record<string, Preset>> = {
  demo,
  tiny,
  regional,
  era5,
  ...Object.fromEntries(
    Object.entries(publishedSizes).map(([name, config]) => [
      `published-${name}`,
      publishedPreset(name, config),
    ]),
  ),
};
