/** What is known of a ResNet without building one: see `ModelOutline`. */
import type { ModelOutline } from './model.ts';
import type { ResNetConfig } from './resnet-config.ts';

export const resNetOutline: ModelOutline<ResNetConfig> = {
  kind: 'resnet',
  label: 'ResNet',
  options: [
    {
      name: 'width',
      key: 'stageChannels',
      label: 'Channels of the first stage',
      low: 1,
      high: 4096,
      kind: 'whole',
    },
    {
      name: 'sync-norms',
      key: 'syncNorms',
      label: 'Norms over the images of all replicas',
      low: 0,
      high: 1,
      kind: 'switch',
    },
  ],
  meshFault: (_, { rows, columns }) =>
    rows * columns > 1 ? 'a ResNet is not cut in shards, it can only have replicas' : undefined,
};
