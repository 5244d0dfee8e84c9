/** ResNet as a kind of model: see `model.ts`. */
import { type ModelKind, sizesOf } from './model.ts';
import { checkResNet, type ResNetConfig } from './resnet-config.ts';
import { resNetOutline } from './resnet-outline.ts';

let graph: typeof import('./resnet.ts') | undefined;

export const resNetKind: ModelKind<ResNetConfig> = {
  ...resNetOutline,
  async load() {
    graph ??= await import('./resnet.ts');
  },
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
    if (!graph) throw new Error('the ResNet has not been loaded');
    const model = graph.resNet(scope, config, replica);
    return ({ image }, mode) => ({ logits: model(image, mode) });
  },
};
