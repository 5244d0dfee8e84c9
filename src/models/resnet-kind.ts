/** ResNet as a kind of model: see `model.ts`. */
import * as v from 'valibot';
import { ConfigError, type ModelKind } from './model.ts';
import { resNet } from './resnet.ts';
import { checkResNet, type ResNetConfig } from './resnet-config.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Each is some ten layers of the graph, so nobody may ask for millions. */
const layers = v.pipe(size, v.maxValue(1024));

const schema = v.object({
  channels: size,
  height: size,
  width: size,
  classes: size,
  stem: v.object({ kernel: size, stride: size, pool: v.boolean() }),
  stemChannels: size,
  block: v.picklist(['basic', 'bottleneck']),
  blocks: v.pipe(v.array(layers), v.minLength(1), v.maxLength(16)),
  stageChannels: size,
});

/** Sizes of a frame that a config takes over, by the same names. */
const fitted = ['channels', 'height', 'width', 'classes'] as const;

export const resNetKind: ModelKind<ResNetConfig> = {
  kind: 'resnet',
  label: 'ResNet',
  schema,
  free: ['height', 'width'],
  fit(options, { task, sizes }) {
    const missing = fitted.find(name => sizes[name] === undefined);
    if (missing !== undefined) {
      throw new ConfigError(`A ResNet needs images with ${missing}, which the task ${task} does not have.`);
    }
    const own = Object.fromEntries(fitted.map(name => [name, sizes[name]]));
    const config = { ...options, ...own } as ResNetConfig;
    checkResNet(config);
    return config;
  },
  facts: ({ block, blocks }) => {
    const inside = block === 'bottleneck' ? 3 : 2;
    const layers = 2 + inside * blocks.reduce((sum, count) => sum + count, 0);
    return [{ label: 'Layers with weights', value: String(layers) }];
  },
  meshFault: (_, { rows, columns }) =>
    rows * columns > 1 ? 'a ResNet is not cut in shards, it can only have replicas' : undefined,
  block: () => ({}),
  build(scope, config) {
    const model = resNet(scope, config);
    return ({ image }, mode) => ({ logits: model(image, mode) });
  },
};
