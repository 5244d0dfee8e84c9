/**
 * Size and work of a WeatherMixer as closed formulas, which the graph's own counts must equal. Work is counted as
 * for the published sizes: a product of m x k by k x n is m n (2 k - 1); a bias, a GELU and an addition are 1 an
 * element; norms, dropout and copies are not counted.
 */
import { inputChannelsOf, tokensOf, type WeatherMixerConfig } from '../../src/models/weathermixer-config.ts';

/** Channels that the recovery layer reads. */
function latentChannels({ embedding, latentSkip }: WeatherMixerConfig): number {
  return latentSkip === 'concat' ? 2 * embedding : embedding;
}

/** Biases and norm tensors. */
function vectorCount(config: WeatherMixerConfig): number {
  const { embedding: d, channels: c, tokenHidden, channelHidden, blocks } = config;
  const block = tokenHidden + tokensOf(config) + channelHidden + d + 4 * d;
  const head = config.head === 'blend' ? 2 * c + 4 * c + c : 0;
  return d + blocks * block + 2 * d + c + head;
}

/** Trained values. */
export function parameterCount(config: WeatherMixerConfig): number {
  const { embedding: d, channels: c, tokenHidden, channelHidden, blocks, patch } = config;
  const patchSize = patch[0] * patch[1];
  const matrices =
    inputChannelsOf(config) * patchSize * d +
    blocks * (2 * tokensOf(config) * tokenHidden + 2 * d * channelHidden) +
    latentChannels(config) * c * patchSize +
    (config.head === 'blend' ? 2 * c * c : 0);
  return matrices + vectorCount(config);
}

/** Floating-point operations of the forward pass for one sample. */
export function forwardFlops(config: WeatherMixerConfig): number {
  const { embedding: d, channels: c, tokenHidden, channelHidden, patch, height, width } = config;
  const tokens = tokensOf(config);
  const points = height * width;
  // A product and its bias: 2 k operations an element.
  const layer = (elements: number, k: number) => elements * 2 * k;
  const embed = layer(tokens * d, inputChannelsOf(config) * patch[0] * patch[1]);
  const tokenMixing =
    layer(d * tokenHidden, tokens) + d * tokenHidden + layer(d * tokens, tokenHidden) + d * tokens;
  const channelMixing =
    layer(tokens * channelHidden, d) + tokens * channelHidden + layer(tokens * d, channelHidden) + tokens * d;
  const skip = config.latentSkip === 'add' ? tokens * d : 0;
  const recover = layer(points * c, latentChannels(config));
  const head = config.head === 'blend' ? layer(points * c, 2 * c) : points * c;
  return embed + config.rollout * config.blocks * (tokenMixing + channelMixing) + skip + recover + head;
}
