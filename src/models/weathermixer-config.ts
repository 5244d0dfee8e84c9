/** The hyper-parameters of a WeatherMixer (arXiv:2507.05753), and what makes a set of them impossible. */

import { ConfigError } from './model.ts';

export interface WeatherMixerConfig {
  /** Prognostic channels C: forecast, and given for every input step. */
  readonly channels: number;
  /** Constant input channels S, such as orography. */
  readonly statics: number;
  /** Past states given, the newest last. */
  readonly inputSteps: number;
  /** Grid, a multiple of the patch. */
  readonly height: number;
  readonly width: number;
  /** Grid points of a token: rows x columns. */
  readonly patch: readonly [number, number];
  /** Channels D of a token. */
  readonly embedding: number;
  /** Hidden units of the token-mixing MLP. */
  readonly tokenHidden: number;
  /** Hidden units of the channel-mixing MLP. */
  readonly channelHidden: number;
  readonly blocks: number;
  /** Channel groups of every layer norm that divides into them. */
  readonly normGroups: number;
  readonly dropout: number;
  /** How the embedding joins the last block's output: beside it (the published runs) or added to it. */
  readonly latentSkip: 'concat' | 'add';
  /** How the newest input joins the output: through the blending layer (the published runs) or added to it. */
  readonly head: 'blend' | 'add';
  /** How often the block stack is applied, with the same weights. */
  readonly rollout: number;
}

const counts = [
  'channels',
  'inputSteps',
  'height',
  'width',
  'embedding',
  'tokenHidden',
  'channelHidden',
  'blocks',
  'normGroups',
  'rollout',
] as const;

/** @throws ConfigError */
export function checkConfig(config: WeatherMixerConfig): void {
  for (const key of counts) {
    const value = config[key];
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError(`${key} is ${value}; it must be a whole number of at least 1.`);
    }
  }
  if (!Number.isInteger(config.statics) || config.statics < 0) {
    throw new ConfigError(`statics is ${config.statics}; it must be a whole number of at least 0.`);
  }
  if (!(config.dropout >= 0 && config.dropout < 1)) {
    throw new ConfigError(`dropout is ${config.dropout}; it must be at least 0 and below 1.`);
  }
  const [ph, pw] = config.patch;
  if (![ph, pw].every(length => Number.isInteger(length) && length >= 1)) {
    throw new ConfigError(
      `A patch of ${ph} x ${pw} is impossible; both must be whole numbers of at least 1.`,
    );
  }
  if (config.height % ph !== 0 || config.width % pw !== 0) {
    throw new ConfigError(
      `A grid of ${config.height} x ${config.width} is no multiple of a patch of ${ph} x ${pw}.`,
    );
  }
  if (config.embedding % config.normGroups !== 0) {
    throw new ConfigError(
      `embedding is ${config.embedding}; it must be a multiple of the ${config.normGroups} norm groups.`,
    );
  }
  checkNorms(config);
}

/** A norm over a single channel gives its shift whatever it reads: the layers before it could learn nothing. */
function checkNorms({ channels, embedding, normGroups, head }: WeatherMixerConfig): void {
  if (embedding === normGroups) {
    throw new ConfigError(
      `embedding is ${embedding} with ${normGroups} norm groups: a norm over 1 channel is always zero. ` +
        'Take a larger embedding or fewer groups.',
    );
  }
  if (head === 'blend' && (channels === 1 || channels === normGroups)) {
    throw new ConfigError(
      `channels is ${channels} with ${normGroups} norm groups: the norm of a blending head over 1 channel is ` +
        'always zero. Take the added head (head: add) or another number of groups.',
    );
  }
}

/** Tokens N of a grid. */
export function tokensOf({ height, width, patch: [ph, pw] }: WeatherMixerConfig): number {
  return (height / ph) * (width / pw);
}

/** Channels that the embedding reads: all input steps and the static fields. */
export function inputChannelsOf({ channels, inputSteps, statics }: WeatherMixerConfig): number {
  return inputSteps * channels + statics;
}
