/** ResNet as a kind of model: see `model.ts`. */
import * as v from 'valibot';
import { type ModelKind, sizesOf } from './model.ts';
import { resNet } from './resnet.ts';
import { checkResNet, type ResNetConfig } from './resnet-config.ts';
import { resNetOutline } from './resnet-outline.ts';

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
  syncNorms: v.optional(v.boolean(), false),
});

export const resNetKind: ModelKind<ResNetConfig> = {
  ...resNetOutline,
  schema,
  free: ['height', 'width', 'syncNorms'],
  filters: 'conv1.weight',
  fit(options, frame) {
    const sizes = sizesOf(frame, ['channels', 'height', 'width', 'classes'], 'A ResNet needs images');
    const config = { syncNorms: false, ...options, ...sizes } as ResNetConfig;
    checkResNet(config);
    return config;
  },
  facts: ({ block, blocks, syncNorms }) => {
    const inside = block === 'bottleneck' ? 3 : 2;
    const layers = 2 + inside * blocks.reduce((sum, count) => sum + count, 0);
    return [
      { label: 'Layers with weights', value: String(layers) },
      ...(syncNorms ? [{ label: 'Norms', value: 'by the batch of all replicas' }] : []),
    ];
  },
  block: () => ({}),
  build(scope, config, { replica }) {
    const model = resNet(scope, config, replica);
    return ({ image }, mode) => ({ logits: model(image, mode) });
  },
};
