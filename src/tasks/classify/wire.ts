/** What ranks of other browsers send each other of images: every field, its range, and that arrays fit each other. */
import * as v from 'valibot';
import type { ChannelMoments } from '../../data/images/moments.ts';
import {
  address,
  bytes,
  count,
  type Fields,
  hasKey,
  integers,
  positive,
  real,
  size,
  text,
  word,
} from '../../io/schemas.ts';
import type { TaskWire } from '../task.ts';
import { augmentations, type ClassifyOptions } from './options.ts';
import type { ImageFormat, PixelShard } from './shard.ts';
import type { ClassifyTypes, OpenOrder } from './types.ts';

/** Paths of a set of images that are listed, at most. */
const mostPaths = 10_000_000;

const share = v.pipe(real, v.minValue(0), v.maxValue(1));
const augmentation = v.picklist(augmentations);
const options = v.object({
  validation: share,
  subset: v.optional(share),
  augmentation,
  labelSmoothing: share,
  scoredImages: count,
  imageSize: v.pipe(size, v.maxValue(4096)),
} satisfies Fields<ClassifyOptions>);

const choice = v.object({
  kind: v.literal('images'),
  place: v.optional(
    v.object({
      kind: v.literal('url'),
      url: address,
      paths: v.pipe(v.array(text(4000)), v.maxLength(mostPaths)),
    }),
  ),
});

/** Grey or in colours, as images are. */
const channels = v.picklist([1, 3]);
const side = v.pipe(size, v.maxValue(16_384));
const format = v.object({ channels, height: side, width: side } satisfies Fields<ImageFormat>);
const moments = v.object({
  mean: v.array(real),
  deviation: v.array(
    v.pipe(
      positive,
      v.check(value => value > 0, 'a deviation of 0'),
    ),
  ),
} satisfies Fields<ChannelMoments>);

const words = v.custom<Uint32Array<ArrayBuffer>>(value => value instanceof Uint32Array, 'no Uint32Array');

const shard = v.pipe(
  v.object({ format, moments, augmentation, pixels: bytes, labels: words } satisfies Fields<PixelShard>),
  v.check(
    ({ format: { channels, height, width }, moments: { mean, deviation }, pixels, labels }) =>
      labels.length > 0 &&
      pixels.length === labels.length * channels * height * width &&
      mean.length === channels &&
      deviation.length === channels,
    'arrays that do not fit together',
  ),
);

export const wire: TaskWire<ClassifyTypes> = {
  order: v.object({ choice, options } satisfies Fields<OpenOrder>),
  answer: v.lazy(value =>
    hasKey(value, 'unreadable')
      ? v.object({ unreadable: text(4000) })
      : v.object({ images: count, classes: v.array(word) }),
  ),
  command: v.lazy(value =>
    hasKey(value, 'shard') ? v.object({ shard }) : v.object({ moments, train: integers }),
  ),
};
