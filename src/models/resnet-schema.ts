/** A ResNet's config, as it comes from a file or a peer. */
import * as v from 'valibot';
import type { ResNetConfig } from './resnet-config.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Each is some ten layers of the graph, so nobody may ask for millions. */
const layers = v.pipe(size, v.maxValue(1024));

export const resNetSchema: v.GenericSchema<unknown, ResNetConfig> = v.object({
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
