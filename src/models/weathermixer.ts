/**
 * WeatherMixer: an MLP-mixer for weather (arXiv:2507.05753, section 3, and the released code's `ModelSequential`).
 * Patches of the grid become tokens; blocks mix along tokens, then along channels; a recovery layer turns tokens
 * back into fields; a head joins them with the newest input. The result is the next state, not an increment.
 *
 * The same function builds the whole model and any shard of it: on a mesh every tensor here is a rank's block, of the
 * tokens along its row and of the channels along its column, and what must travel does so inside `layer` and
 * `layerNorm`. Shapes in comments are those of a block.
 */
import { concat, patchify, permute, reshape, slice, unpatchify } from '../graph/ops/copy.ts';
import { dropout } from '../graph/ops/dropout.ts';
import { add, gelu } from '../graph/ops/elementwise.ts';
import { layerNorm, type NormLayout } from '../graph/ops/norm.ts';
import { broadcastTo } from '../graph/ops/reduce.ts';
import type { Shape, Tensor } from '../graph/tensor.ts';
import { type Axis, joined, type RunAxis } from '../mesh/axis.ts';
import { type Layer, type LayerOptions, layer, type Sharding, unsharded, vector } from './jigsaw.ts';
import type { ParameterScope } from './parameters.ts';
import { axesOf, type ModelAxes, patchFeatures, pointsOf } from './sharded-config.ts';
import { checkConfig, inputChannelsOf, type WeatherMixerConfig } from './weathermixer-config.ts';

/** Parts of the model: learning rates may differ by part. */
type Part = 'embedding' | 'blocks' | 'recovery';

interface Linear {
  readonly multiply: Layer;
  readonly bias: Tensor;
}

interface Norm {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** State of the random numbers and whether dropout is on: absent when the model forecasts. */
export interface Training {
  /** [4] words: see `dropout`. */
  readonly random: Tensor;
  /** Position in the whole batch of the first sample of the step's first pass: 0 where absent. */
  readonly firstSample?: number;
}

/** A model whose parameters are made: it can be applied to several batches. */
export type Model = (x: Tensor, training?: Training) => Tensor;

/**
 * Makes the parameters in `scope` and returns the model, or the shard of it that `sharding` names.
 *
 * The model takes x [batch, inputSteps * channels + statics, height, width], oldest state first, statics last, and
 * gives the next state, [batch, channels, height, width]; for a shard, the blocks that `dataBlockOf` names.
 * @throws ConfigError
 */
export function weatherMixer(
  scope: ParameterScope,
  config: WeatherMixerConfig,
  sharding: Sharding = unsharded,
): Model {
  checkConfig(config);
  const axes = axesOf(config, sharding.mesh);
  const make = maker(scope, sharding);
  const { embedding, tokens, tokenHidden, channelHidden } = axes;
  const { row, column, mesh } = sharding;

  const embed = make.linear({
    name: 'embed',
    part: 'embedding',
    layer: 'embedding',
    along: 'channels',
    input: patchFeatures(axes.inputChannels, config),
    output: embedding,
    shape: [config.embedding, inputChannelsOf(config), pointsOf(config)],
  });
  const blocks = Array.from({ length: config.blocks }, (_, i) => {
    const name = `blocks.${i}`;
    const mixing = (own: string, along: 'tokens' | 'channels', input: Axis, output: Axis) =>
      make.linear({
        name: `${name}.${own}`,
        part: 'blocks',
        layer: `${name}.${along}`,
        along,
        input,
        output,
      });
    return {
      name,
      norm1: make.norm(`${name}.norm1`, 'blocks', embedding),
      token1: mixing('token1', 'tokens', tokens, tokenHidden),
      token2: mixing('token2', 'tokens', tokenHidden, tokens),
      norm2: make.norm(`${name}.norm2`, 'blocks', embedding),
      channel1: mixing('channel1', 'channels', embedding, channelHidden),
      channel2: mixing('channel2', 'channels', channelHidden, embedding),
    };
  });
  const lastNorm = make.norm('norm', 'recovery', embedding);
  const recover = recovery(scope, sharding, config, axes);
  const head = config.head === 'blend' ? blending(make, sharding, config, axes) : undefined;
  const grouped = groupsFor(config.embedding, config.normGroups, embedding, 1, sharding);

  return (x, training) => {
    let dropouts = 0;
    /** `rows` and `columns` of y [batch, rows, columns] are blocks of these axes. */
    const drop = (y: Tensor, rows: RunAxis, columns: RunAxis): Tensor => {
      if (!training) return y;
      const { random, firstSample = 0 } = training;
      return dropout(y, random, config.dropout, dropouts++, {
        whole: [rows.size, columns.size],
        from: [firstSample, rows.start(column.index), columns.start(row.index)],
      });
    };
    const normed = (y: Tensor, { weight, bias }: Norm) => layerNorm(y, weight, bias, grouped);
    const apply = ({ multiply, bias }: Linear, y: Tensor) => multiply(y, bias);

    /** One half of a block: z [batch, tokens, d] and what is mixed of it. */
    const alongTokens = (z: Tensor, { norm1, token1, token2 }: (typeof blocks)[number]) => {
      const hidden = drop(gelu(apply(token1, normed(z, norm1))), tokenHidden, embedding);
      return add(z, drop(apply(token2, hidden), tokens, embedding));
    };
    const alongChannels = (z: Tensor, { norm2, channel1, channel2 }: (typeof blocks)[number]) => {
      const hidden = drop(gelu(apply(channel1, normed(z, norm2))), tokens, channelHidden);
      return add(z, drop(apply(channel2, hidden), tokens, embedding));
    };

    const embedded = scope.layer('embedding', () => apply(embed, patchify(x, config.patch))); // [batch, tokens, d]
    let z = embedded;
    for (let pass = 0; pass < config.rollout; pass++) {
      for (const block of blocks) {
        const before = z;
        const mixed = scope.layer(`${block.name}.tokens`, () => alongTokens(before, block));
        z = scope.layer(`${block.name}.channels`, () => alongChannels(mixed, block));
      }
    }
    // [batch, height * width, channels]
    const fields = scope.layer('recovery', () => {
      const latent =
        config.latentSkip === 'concat'
          ? concat([normed(z, lastNorm), embedded], 2) // [batch, tokens, 2 d]
          : normed(add(z, embedded), lastNorm); // [batch, tokens, d]
      return recover(latent);
    });
    return scope.layer('head', () =>
      head ? head(fields, newestOf(x, config, axes, mesh.place.column)) : sumOfBoth(fields, x),
    );
  };

  function sumOfBoth(fields: Tensor, x: Tensor): Tensor {
    const newest = newestOf(x, config, axes, mesh.place.column);
    return add(newest, toGrid(fields, newest));
  }
}

/** Makes layers and norms with the names and groups that this model uses. */
function maker(scope: ParameterScope, sharding: Sharding) {
  return {
    /** Weights and biases uniform in +-1 / sqrt(fan in), as PyTorch's layers draw them. */
    linear(
      options: Pick<LayerOptions, 'name' | 'along' | 'input' | 'output' | 'layer'> & {
        readonly part: Part;
        readonly shape?: Shape;
      },
    ): Linear {
      const { name, part, along, input, output } = options;
      const shape = options.shape ?? [output.size, input.size];
      const initializer = { centre: 0, bound: 1 / Math.sqrt(input.size) };
      return {
        multiply: layer(scope, sharding, { ...options, shape, rows: 'output', initializer }),
        bias: vector(scope, sharding, { name: `${name}.bias`, along, axis: output, initializer, part }),
      };
    },
    norm(name: string, part: Part, axis: Axis): Norm {
      const make = (own: string, centre: number) => {
        const initializer = { centre, bound: 0 };
        return vector(scope, sharding, {
          name: `${name}.${own}`,
          along: 'channels',
          axis,
          initializer,
          part,
        });
      };
      return { weight: make('weight', 1), bias: make('bias', 0) };
    },
  };
}

/**
 * Groups of a norm over `size` channels; a count that does not divide has one group. Where whole groups lie on one
 * rank, they are its own affair.
 */
function groupsFor(
  size: number,
  wanted: number,
  axis: Axis,
  segments: number,
  { mesh, row }: Sharding,
): NormLayout {
  const groups = size % wanted === 0 ? wanted : 1;
  const layout = { groups, segments: groups === 1 && mesh.columns === 1 ? 1 : segments };
  if (mesh.columns === 1) return layout;
  const aligned = groups % mesh.columns === 0 && axis.block * mesh.columns === size;
  return aligned
    ? { ...layout, groups: groups / mesh.columns }
    : { ...layout, block: { group: row, length: size } };
}

/** The newest state among the inputs: [batch, channels, height, width]. */
function newestOf(
  x: Tensor,
  { inputSteps }: WeatherMixerConfig,
  { channels }: ModelAxes,
  column: number,
): Tensor {
  const [batch, , height, width] = x.shape;
  // A block that ends in padding has fewer channels in every input step; what is read past them is never used.
  const own = channels.indices(column).filter(index => index >= 0).length;
  return slice(x, [0, (inputSteps - 1) * own, 0, 0], [batch, channels.block, height, width]);
}

/** Tokens to fields: a transposed convolution whose kernel and stride are the patch. -> [batch, points, channels] */
function recovery(
  scope: ParameterScope,
  sharding: Sharding,
  config: WeatherMixerConfig,
  { latent, channels, localHeight }: ModelAxes,
): (x: Tensor) => Tensor {
  const points = pointsOf(config);
  // With an added head a zero layer makes the first forecast persistence, from which training starts well.
  const initializer = { centre: 0, bound: config.head === 'add' ? 0 : 1 / Math.sqrt(latent.size) };
  const multiply = layer(scope, sharding, {
    name: 'recover',
    along: 'channels',
    input: latent,
    output: patchFeatures(channels, config),
    shape: [latent.size, channels.size, points],
    rows: 'input',
    initializer,
    part: 'recovery',
    layer: 'recovery',
  });
  const bias = vector(scope, sharding, {
    name: 'recover.bias',
    along: 'channels',
    axis: channels,
    initializer,
    part: 'recovery',
  });
  return x => {
    const spread = broadcastTo(reshape(bias, [channels.block, 1]), [channels.block, points]);
    const patches = multiply(x, reshape(spread, [channels.block * points])); // [batch, tokens, channels * patch]
    return unpatchify(patches, [localHeight, config.width], config.patch);
  };
}

/** Output and newest input of a grid point, normed together and mixed by one linear layer. */
function blending(
  make: ReturnType<typeof maker>,
  sharding: Sharding,
  { channels: count, normGroups }: WeatherMixerConfig,
  { channels }: ModelAxes,
): (fields: Tensor, newest: Tensor) => Tensor {
  const both = joined(channels, channels);
  const normOut = make.norm('norm_out', 'recovery', channels);
  const normBlend = make.norm('norm_blend', 'recovery', both);
  const { multiply, bias } = make.linear({
    name: 'blend',
    part: 'recovery',
    layer: 'head',
    along: 'channels',
    input: both,
    output: channels,
  });
  const outGroups = groupsFor(count, normGroups, channels, 1, sharding);
  // A group holds the same channels of both halves, as a rank of a mesh would.
  const blendGroups = groupsFor(count, normGroups, channels, 2, sharding);
  return (fields, newest) => {
    const [batch, block, height, width] = newest.shape;
    const newestLast = permute(reshape(newest, [batch, block, height * width]), [0, 2, 1]);
    const joint = concat([layerNorm(fields, normOut.weight, normOut.bias, outGroups), newestLast], 2);
    const normed = layerNorm(joint, normBlend.weight, normBlend.bias, blendGroups);
    return toGrid(multiply(normed, bias), newest); // [batch, height * width, channels]
  };
}

/** [batch, height * width, channels] -> the shape of `like`, [batch, channels, height, width] */
function toGrid(fields: Tensor, like: Tensor): Tensor {
  return reshape(permute(fields, [0, 2, 1]), like.shape);
}
