/**
 * The images that a rank trains on, as its batches are filled from them: in memory as bytes, or read when they are drawn.
 * What is done to an image is a function of the seed and the number of the draw, so that it is the same on any rank.
 */
import { resizedCrop, shiftedCrop } from '../../data/images/crops.ts';
import { type ImageSource, imageBytes } from '../../data/images/image-source.ts';
import type { ChannelMoments } from '../../data/images/moments.ts';
import type { Draw, TaskShard } from '../task.ts';
import type { Augmentation } from './options.ts';

export interface ImageFormat {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

interface ShardBase {
  readonly format: ImageFormat;
  /** Of pixels as 0 to 1. */
  readonly moments: ChannelMoments;
  readonly augmentation: Augmentation;
}

/** Images in memory; can be sent to another rank. */
export interface PixelShard extends ShardBase {
  /** [image, channel, row, column], 0 to 255. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Of every image. */
  readonly labels: Uint32Array<ArrayBuffer>;
}

/** Images that the rank itself has opened. */
export interface ReadShard extends ShardBase {
  readonly source: ImageSource;
  /** Indices among the source's images. */
  readonly train: Int32Array;
}

export type ImageShard = PixelShard | ReadShard;

export function openShard(shard: ImageShard): TaskShard {
  const { format, augmentation } = shard;
  const size = imageBytes(format);
  const cut = new Uint8Array(size);
  const write = (pixels: Uint8Array, out: Float32Array, index: number, draw: Draw) => {
    normalise(augmented(pixels, format, augmentation, draw, cut), shard, out, index * size);
  };
  if ('pixels' in shard) {
    const { pixels, labels } = shard;
    return {
      constants: {},
      samples: Int32Array.from(labels.keys()),
      byteLength: pixels.byteLength + labels.byteLength,
      fill({ image, label }, index, sample, draw) {
        label[index] = labels[sample];
        write(pixels.subarray(sample * size, (sample + 1) * size), floats(image), index, draw);
      },
    };
  }
  const { source, train } = shard;
  return {
    constants: {},
    samples: train,
    byteLength: source.labels.byteLength + train.byteLength,
    async fill({ image, label }, index, sample, draw) {
      label[index] = source.labels[sample];
      write(await source.read([sample]), floats(image), index, draw);
    },
  };
}

function floats(image: Float32Array | Uint32Array): Float32Array {
  if (image instanceof Float32Array) return image;
  throw new TypeError('images are real numbers');
}

/** @returns `out`, or the pixels themselves where nothing is done to them */
function augmented(
  pixels: Uint8Array,
  format: ImageFormat,
  augmentation: Augmentation,
  draw: Draw,
  out: Uint8Array,
): Uint8Array {
  if (augmentation === 'none') return pixels;
  if (augmentation === 'shift') shiftedCrop(pixels, format, draw, out);
  else resizedCrop(pixels, format, draw, format, out);
  return out;
}

/** Writes an image at `out[offset...]`: (pixel / 255 - mean) / deviation of its channel. */
export function normalise(
  pixels: Uint8Array,
  { format, moments: { mean, deviation } }: Pick<ShardBase, 'format' | 'moments'>,
  out: Float32Array,
  offset: number,
): void {
  const plane = format.height * format.width;
  for (let c = 0; c < format.channels; c++) {
    const [centre, spread] = [mean[c], deviation[c]];
    for (let i = c * plane; i < (c + 1) * plane; i++) out[offset + i] = (pixels[i] / 255 - centre) / spread;
  }
}
