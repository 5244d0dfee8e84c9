/** The sizes of arXiv:2507.05753 (the released logs of cases C2 to C4): ERA5 at a quarter of a degree, patch 1 x 60. */
import type { WeatherMixerConfig } from './weathermixer-config.ts';

const TOKENS = (720 / 1) * (1440 / 60);

/** @param embedding D. @param tokenFraction hidden units of token mixing as a share of the tokens. */
function published(embedding: number, tokenFraction: number): WeatherMixerConfig {
  return {
    channels: 69,
    statics: 3,
    inputSteps: 1,
    height: 720,
    width: 1440,
    patch: [1, 60],
    embedding,
    tokenHidden: TOKENS * tokenFraction,
    channelHidden: embedding,
    blocks: 3,
    normGroups: 2,
    dropout: 1e-3,
    latentSkip: 'concat',
    head: 'blend',
    rollout: 1,
  };
}

/** By the label of the table: forward TFLOP, or the run that it was made for. */
export const publishedSizes = {
  '0.25': published(368, 1 / 32),
  '0.25-alt': published(240, 1 / 8),
  '0.5': published(512, 1 / 8),
  '1': published(896, 1 / 8),
  '2': published(1600, 1 / 8),
  '4': published(2192, 1 / 4),
  '8': published(2832, 1 / 2),
  base: published(4320, 1 / 2),
  '16': published(4896, 1 / 2),
  '32': published(6064, 1),
  '2-way': published(8192, 1 / 2),
  '64': published(10352, 1),
} as const satisfies Readonly<Record<string, WeatherMixerConfig>>;
