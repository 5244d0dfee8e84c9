/** The images that a rank trains on, in memory as bytes, and as its batches are filled from them. */
import type { TaskShard } from '../task.ts';

export interface ImageShard {
  /** [image, channel, row, column], 0 to 255. */
  readonly pixels: Uint8Array;
  /** Of every image. */
  readonly labels: Uint8Array | Uint32Array;
  /** Of every channel, of pixels as 0 to 1. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly train: Int32Array;
}

export function openShard({ pixels, labels, mean, deviation, train }: ImageShard): TaskShard {
  const channels = mean.length;
  const size = pixels.length / labels.length;
  const plane = size / channels;
  return {
    constants: {},
    samples: train,
    byteLength: pixels.byteLength + labels.byteLength,
    fill({ image, label }, index, sample) {
      label[index] = labels[sample];
      for (let c = 0; c < channels; c++) {
        const from = sample * size + c * plane;
        const to = index * size + c * plane;
        const [centre, spread] = [mean[c], deviation[c]];
        for (let i = 0; i < plane; i++) image[to + i] = (pixels[from + i] / 255 - centre) / spread;
      }
    },
  };
}
