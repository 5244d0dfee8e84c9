/**
 * WeatherMixer: an MLP-mixer for weather (arXiv:2507.05753, section 3, and the released code's `ModelSequential`).
 * Patches of the grid become tokens; blocks mix along tokens, then along channels; a recovery layer turns tokens
 * back into fields; a head joins them with the newest input. The result is the next state, not an increment.
 */
import { broadcastTo, concat, patchify, permute, reshape, slice, unpatchify } from '../graph/ops/copy.ts';
import { dropout } from '../graph/ops/dropout.ts';
import { add, gelu } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { layerNorm, type NormLayout } from '../graph/ops/norm.ts';
import { type Shape, sizeOf, type Tensor } from '../graph/tensor.ts';
import type { ParameterScope } from './parameters.ts';
import { checkConfig, inputChannelsOf, tokensOf, type WeatherMixerConfig } from './weathermixer-config.ts';

/**
 * Parts of the model. An optimizer group is a part and a form, such as `blocks.matrices` or `blocks.vectors`: rates
 * differ by part, and weight decay is for matrices.
 */
type Part = 'embedding' | 'blocks' | 'recovery';

interface Linear {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Weights and biases uniform in +-`bound`, as PyTorch's layers draw them. */
function linear(
  scope: ParameterScope,
  name: string,
  part: Part,
  weight: Shape,
  bias: number,
  bound: number,
): Linear {
  const initializer = { centre: 0, bound };
  return {
    weight: scope.parameter(`${name}.weight`, weight, initializer, `${part}.matrices`),
    bias: scope.parameter(`${name}.bias`, [bias], initializer, `${part}.vectors`),
  };
}

function norm(scope: ParameterScope, name: string, part: Part, channels: number): Linear {
  return {
    weight: scope.parameter(`${name}.weight`, [channels], { centre: 1, bound: 0 }, `${part}.vectors`),
    bias: scope.parameter(`${name}.bias`, [channels], { centre: 0, bound: 0 }, `${part}.vectors`),
  };
}

/** Groups of a norm over `channels`; a count that does not divide has one group. */
function groupsFor(channels: number, groups: number): NormLayout {
  return { groups: channels % groups === 0 ? groups : 1, segments: 1 };
}

interface Block {
  readonly norm1: Linear;
  readonly token1: Linear;
  readonly token2: Linear;
  readonly norm2: Linear;
  readonly channel1: Linear;
  readonly channel2: Linear;
}

function blockParameters(scope: ParameterScope, name: string, config: WeatherMixerConfig): Block {
  const { embedding: d, tokenHidden, channelHidden } = config;
  const tokens = tokensOf(config);
  const layer = (own: string, out: number, fanIn: number) =>
    linear(scope, `${name}.${own}`, 'blocks', [out, fanIn], out, 1 / Math.sqrt(fanIn));
  return {
    norm1: norm(scope, `${name}.norm1`, 'blocks', d),
    token1: layer('token1', tokenHidden, tokens),
    token2: layer('token2', tokens, tokenHidden),
    norm2: norm(scope, `${name}.norm2`, 'blocks', d),
    channel1: layer('channel1', channelHidden, d),
    channel2: layer('channel2', d, channelHidden),
  };
}

/** State of the random numbers and whether dropout is on: absent when the model forecasts. */
export interface Training {
  /** [4] words: see `dropout`. */
  readonly random: Tensor;
}

/**
 * @param x [batch, inputSteps * channels + statics, height, width]: oldest state first, statics last.
 * @returns the next state, [batch, channels, height, width].
 * @throws ConfigError
 */
export function weatherMixer(
  scope: ParameterScope,
  x: Tensor,
  config: WeatherMixerConfig,
  training?: Training,
): Tensor {
  checkConfig(config);
  const { channels, height, width, patch, embedding: d, normGroups } = config;
  const [batch] = x.shape;
  const patchSize = patch[0] * patch[1];
  const features = inputChannelsOf(config) * patchSize;
  const grouped = groupsFor(d, normGroups);

  const embed = linear(
    scope,
    'embed',
    'embedding',
    [d, inputChannelsOf(config), patchSize],
    d,
    1 / Math.sqrt(features),
  );
  const blocks = Array.from({ length: config.blocks }, (_, i) =>
    blockParameters(scope, `blocks.${i}`, config),
  );

  const embedded = matmul(patchify(x, patch), reshape(embed.weight, [d, features]), {
    transposeB: true,
    bias: embed.bias,
  }); // [batch, tokens, d]

  let layer = 0;
  const drop = (y: Tensor): Tensor => (training ? dropout(y, training.random, config.dropout, layer++) : y);
  const mlpAlongTokens = (y: Tensor, first: Linear, second: Linear): Tensor => {
    const hidden = drop(gelu(matmul(first.weight, y, { rowBias: first.bias }))); // [batch, tokenHidden, d]
    return drop(matmul(second.weight, hidden, { rowBias: second.bias })); // [batch, tokens, d]
  };
  const mlpAlongChannels = (y: Tensor, first: Linear, second: Linear): Tensor => {
    const hidden = drop(gelu(matmul(y, first.weight, { transposeB: true, bias: first.bias })));
    return drop(matmul(hidden, second.weight, { transposeB: true, bias: second.bias })); // [batch, tokens, d]
  };

  let z = embedded;
  for (let pass = 0; pass < config.rollout; pass++) {
    for (const block of blocks) {
      const { norm1, norm2 } = block;
      z = add(z, mlpAlongTokens(layerNorm(z, norm1.weight, norm1.bias, grouped), block.token1, block.token2));
      z = add(
        z,
        mlpAlongChannels(layerNorm(z, norm2.weight, norm2.bias, grouped), block.channel1, block.channel2),
      );
    }
  }

  const lastNorm = norm(scope, 'norm', 'recovery', d);
  const latent =
    config.latentSkip === 'concat'
      ? concat([layerNorm(z, lastNorm.weight, lastNorm.bias, grouped), embedded], 2) // [batch, tokens, 2 d]
      : layerNorm(add(z, embedded), lastNorm.weight, lastNorm.bias, grouped); // [batch, tokens, d]
  const fields = recover(scope, latent, config); // [batch, height * width, channels]
  const newest = slice(x, [0, (config.inputSteps - 1) * channels, 0, 0], [batch, channels, height, width]);

  if (config.head === 'add') return add(newest, toGrid(fields, config));
  const newestLast = permute(reshape(newest, [batch, channels, height * width]), [0, 2, 1]);
  return toGrid(blend(scope, fields, newestLast, config), config);
}

/** Tokens to fields: a transposed convolution whose kernel and stride are the patch. -> [batch, points, channels] */
function recover(scope: ParameterScope, latent: Tensor, config: WeatherMixerConfig): Tensor {
  const { channels, patch, height, width, head } = config;
  const patchSize = patch[0] * patch[1];
  const features = latent.shape[2];
  // With an added head a zero layer makes the first forecast persistence, from which training starts well.
  const bound = head === 'add' ? 0 : 1 / Math.sqrt(features);
  const { weight, bias } = linear(
    scope,
    'recover',
    'recovery',
    [features, channels, patchSize],
    channels,
    bound,
  );
  const spread = broadcastTo(reshape(bias, [channels, 1]), [channels, patchSize]);
  const patches = matmul(latent, reshape(weight, [features, channels * patchSize]), {
    bias: reshape(spread, [channels * patchSize]),
  }); // [batch, tokens, channels * patch]
  return unpatchify(patches, [height, width], patch);
}

/** Output and newest input of a grid point, normed together and mixed by one linear layer. */
function blend(
  scope: ParameterScope,
  fields: Tensor,
  newest: Tensor,
  { channels, normGroups }: WeatherMixerConfig,
): Tensor {
  const single = groupsFor(channels, normGroups);
  const normOut = norm(scope, 'norm_out', 'recovery', channels);
  const normBlend = norm(scope, 'norm_blend', 'recovery', 2 * channels);
  const layer = linear(
    scope,
    'blend',
    'recovery',
    [channels, 2 * channels],
    channels,
    1 / Math.sqrt(2 * channels),
  );
  const both = concat([layerNorm(fields, normOut.weight, normOut.bias, single), newest], 2);
  // A group holds the same channels of both halves, as a rank of a mesh would.
  const paired = { groups: single.groups, segments: single.groups === 1 ? 1 : 2 };
  return matmul(layerNorm(both, normBlend.weight, normBlend.bias, paired), layer.weight, {
    transposeB: true,
    bias: layer.bias,
  }); // [batch, height * width, channels]
}

/** [batch, height * width, channels] -> [batch, channels, height, width] */
function toGrid(fields: Tensor, { channels, height, width }: WeatherMixerConfig): Tensor {
  return reshape(permute(fields, [0, 2, 1]), [fields.shape[0], channels, height, width]);
}

/** Trained values of a model whose graph was built in `scope`. */
export function countParameters(scope: ParameterScope): number {
  return scope.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
}
