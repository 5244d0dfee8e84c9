/**
 * A residual network for images (He et al. 2015; blocks as torchvision has them, whose names its parameters bear): a stem,
 * stages of blocks that each add to what they are given, the mean of every plane, and one linear layer.
 */
import type { Group } from '../graph/op.ts';
import { batchNorm, batchNormBy } from '../graph/ops/batch-norm.ts';
import { conv2d } from '../graph/ops/conv.ts';
import { add, relu } from '../graph/ops/elementwise.ts';
import type { Initializer } from '../graph/ops/leaf.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { globalAveragePool, maxPool } from '../graph/ops/pool.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Mode } from './model.ts';
import type { ParameterScope } from './parameters.ts';
import { checkResNet, expansionOf, type ResNetConfig } from './resnet-config.ts';

/** Images to images; a norm takes the batch's own statistics while it trains. */
type Layer = (x: Tensor, mode: Mode) => Tensor;

/**
 * Makes the parameters in `scope` and returns the model: images [samples, channels, height, width] to logits
 * [samples, classes].
 *
 * @param replicas that may norm by the samples of all of them
 * @throws ConfigError
 */
export function resNet(scope: ParameterScope, config: ResNetConfig, replicas: Group): Layer {
  checkResNet(config);
  const { channels, classes, stem, stemChannels, blocks, stageChannels } = config;
  const make = maker(scope, config.syncNorms ? replicas : undefined);
  const first = make.convolution('conv1', channels, stemChannels, stem.kernel, stem.stride);
  const firstNorm = make.norm('bn1', stemChannels);
  const expansion = expansionOf(config);
  let width = stemChannels;
  const stages = blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, i) => {
      const inside = stageChannels * 2 ** stage;
      const options = {
        name: `layer${stage + 1}.${i}`,
        input: width,
        inside,
        output: inside * expansion,
        stride: stage > 0 && i === 0 ? 2 : 1,
      };
      width = options.output;
      const apply = config.block === 'bottleneck' ? bottleneck(make, options) : basic(make, options);
      return { name: options.name, apply };
    }),
  );
  const bound = 1 / Math.sqrt(width);
  const weight = make.parameter('fc.weight', [classes, width], { centre: 0, bound });
  const bias = make.parameter('fc.bias', [classes], { centre: 0, bound });

  return (x, mode) => {
    let y = scope.layer('stem', () => {
      const activated = relu(firstNorm(first(x, mode), mode)); // [samples, stemChannels, h, w]
      return stem.pool ? maxPool(activated, { kernel: 3, stride: 2, padding: 1 }) : activated;
    });
    for (const { name, apply } of stages) {
      const before = y;
      y = scope.layer(name, () => apply(before, mode));
    }
    return scope.layer('fc', () => matmul(globalAveragePool(y), weight, { transposeB: true, bias }));
  };
}

interface BlockOptions {
  readonly name: string;
  readonly input: number;
  readonly inside: number;
  readonly output: number;
  readonly stride: number;
}

type Maker = ReturnType<typeof maker>;

/** Two convolutions of 3 x 3. */
function basic(make: Maker, options: BlockOptions): Layer {
  const { name, input, output, stride } = options;
  const conv1 = make.convolution(`${name}.conv1`, input, output, 3, stride);
  const bn1 = make.norm(`${name}.bn1`, output);
  const conv2 = make.convolution(`${name}.conv2`, output, output, 3, 1);
  const bn2 = make.norm(`${name}.bn2`, output, 0);
  const shortcut = shortcutOf(make, options);
  return (x, mode) => {
    const hidden = relu(bn1(conv1(x, mode), mode));
    return relu(add(bn2(conv2(hidden, mode), mode), shortcut(x, mode)));
  };
}

/** One convolution of 3 x 3, which has the stride, between two of 1 x 1. */
function bottleneck(make: Maker, options: BlockOptions): Layer {
  const { name, input, inside, output, stride } = options;
  const conv1 = make.convolution(`${name}.conv1`, input, inside, 1, 1);
  const bn1 = make.norm(`${name}.bn1`, inside);
  const conv2 = make.convolution(`${name}.conv2`, inside, inside, 3, stride);
  const bn2 = make.norm(`${name}.bn2`, inside);
  const conv3 = make.convolution(`${name}.conv3`, inside, output, 1, 1);
  const bn3 = make.norm(`${name}.bn3`, output, 0);
  const shortcut = shortcutOf(make, options);
  return (x, mode) => {
    const narrow = relu(bn1(conv1(x, mode), mode));
    const hidden = relu(bn2(conv2(narrow, mode), mode));
    return relu(add(bn3(conv3(hidden, mode), mode), shortcut(x, mode)));
  };
}

/** What a block adds to: its input, or, where shapes differ, a projection of it. */
function shortcutOf(make: Maker, { name, input, output, stride }: BlockOptions): Layer {
  if (input === output && stride === 1) return x => x;
  const project = make.convolution(`${name}.downsample.0`, input, output, 1, stride);
  const norm = make.norm(`${name}.downsample.1`, output);
  return (x, mode) => norm(project(x, mode), mode);
}

/** Makes layers with the names of torchvision, drawn as it draws them. */
function maker(scope: ParameterScope, group: Group | undefined) {
  const parameter = (name: string, shape: readonly number[], initializer: Initializer) =>
    scope.parameter({ name, shape, initializer, part: 'network', decays: shape.length > 1 });
  return {
    parameter,
    /** Without a bias: a norm follows. Normal, by the fan out (He et al. 2015, arXiv:1502.01852). */
    convolution(name: string, input: number, output: number, kernel: number, stride: number): Layer {
      const deviation = Math.sqrt(2 / (output * kernel ** 2));
      const shape = [output, input, kernel, kernel];
      const weight = parameter(`${name}.weight`, shape, { centre: 0, deviation });
      return x => conv2d(x, weight, { stride, padding: (kernel - 1) / 2 });
    },
    /** @param centre of its scale: 0 for a block's last norm, so that every block begins as its shortcut (Goyal et al. 2017) */
    norm(name: string, channels: number, centre = 1): Layer {
      const scale = parameter(`${name}.weight`, [channels], { centre, bound: 0 });
      const shift = parameter(`${name}.bias`, [channels], { centre: 0, bound: 0 });
      const running = scope.state({ name: `${name}.running`, shape: [2, channels], initial: [0, 1] });
      return (x, mode) => {
        if (mode.kind === 'evaluate') return batchNormBy(x, running, scale, shift);
        const { y, running: next } = batchNorm(x, scope.latest(running), scale, shift, { group });
        scope.assign(running, next);
        return y;
      };
    },
  };
}
