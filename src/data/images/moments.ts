/** Mean and deviation of every channel of the images that are trained on, to normalise by. */
import { type ImageSource, imageBytes } from './image-source.ts';

export interface ChannelMoments {
  /** Of pixels as 0 to 1. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Bytes of images that are read at once. */
const PIECE = 2 ** 22;

export interface MomentsOptions {
  /** Images to look at, evenly chosen of the training part; all where absent. */
  readonly most?: number;
  /** Of the images looked at, from 0 to 1. */
  readonly progress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The sums are of whole numbers, so they are exact, in whatever order they are taken. A channel that never changes has
 * deviation 1: it is normalised to zeros.
 */
export async function channelMoments(
  source: ImageSource,
  { most = Number.POSITIVE_INFINITY, progress = () => {}, signal }: MomentsOptions = {},
): Promise<ChannelMoments> {
  const { train, channels, height, width } = source;
  const count = Math.min(train.length, most);
  const chosen = Int32Array.from({ length: count }, (_, i) => train[Math.floor((i * train.length) / count)]);
  const plane = height * width;
  const piece = Math.max(1, Math.floor(PIECE / imageBytes(source)));
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let from = 0; from < count; from += piece) {
    const pixels = await source.read(chosen.subarray(from, from + piece), signal);
    for (let start = 0, c = 0; start < pixels.length; start += plane, c = (c + 1) % channels) {
      let [sum, square] = [0, 0];
      for (let i = start; i < start + plane; i++) {
        sum += pixels[i];
        square += pixels[i] * pixels[i];
      }
      sums[c] += sum;
      squares[c] += square;
    }
    progress(Math.min(1, (from + piece) / count));
  }
  const values = count * plane;
  const mean = Array.from(sums, sum => sum / values);
  const deviation = mean.map((centre, c) => Math.sqrt(Math.max(0, squares[c] / values - centre * centre)));
  return {
    mean: mean.map(value => value / 255),
    deviation: deviation.map(value => (value > 0 ? value / 255 : 1)),
  };
}
