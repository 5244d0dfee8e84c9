/**
 * What is done to images before a model sees them: crops and flips of bytes, drawn by the seed of the run and the number
 * of the draw, so that a sample is cut alike whichever rank holds it.
 *
 * The recipes are those of "Deep residual learning" (He, Zhang, Ren, Sun, 2015) for CIFAR, and of "Going deeper with
 * convolutions" (Szegedy et al., 2014) for photographs, with the numbers that others train ResNets by.
 */
import { drawsOf } from './draws.ts';

/** The sides of an image, in pixels. Its bytes are [channels, height, width]. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Which draw of a run it is. */
export interface CropDraw {
  readonly seed: number;
  /** Samples that the run drew before, over all replicas. */
  readonly drawn: number;
}

/** A part of an image, in pixels; its sides need not be whole. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Pixels of black around an image, among which `shiftedCrop` cuts. */
const PADDING = 4;
/** Of the image's area. */
const LEAST_AREA = 0.08;
/** Width by height of a random part: from this to its inverse. */
const LEAST_RATIO = 3 / 4;
/** Parts that are tried until one lies within the image. */
const TRIES = 10;

/**
 * The image shifted by up to four pixels in either direction, black where it was not, and mirrored half of the time.
 *
 * @param out of the same shape
 */
export function shiftedCrop(
  pixels: Uint8Array,
  { channels, height, width }: ImageShape,
  { seed, drawn }: CropDraw,
  out: Uint8Array,
): void {
  const draw = drawsOf(seed, 'crop', drawn);
  const shift = () => Math.floor((2 * PADDING + 1) * draw()) - PADDING;
  const [down, right, isMirrored] = [shift(), shift(), draw() < 0.5];
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const to = (c * height + y) * width;
      const from = (c * height + y + down) * width;
      const isInside = y + down >= 0 && y + down < height;
      for (let x = 0; x < width; x++) {
        const source = (isMirrored ? width - 1 - x : x) + right;
        out[to + x] = isInside && source >= 0 && source < width ? pixels[from + source] : 0;
      }
    }
  }
}

/**
 * A random part of the image, of 8 to 100 % of its area and up to a third longer one way than the other, enlarged or
 * reduced, and mirrored half of the time.
 *
 * @param out [channels, outShape.height, outShape.width]
 */
export function resizedCrop(
  pixels: Uint8Array,
  shape: ImageShape,
  { seed, drawn }: CropDraw,
  outShape: Pick<ImageShape, 'height' | 'width'>,
  out: Uint8Array,
): void {
  const draw = drawsOf(seed, 'crop', drawn);
  const isMirrored = draw() < 0.5;
  resizePart(pixels, shape, randomPart(shape, draw), { ...outShape, isMirrored }, out);
}

/** Whole pixels; the largest part in the middle of an allowed ratio where none of the tries fits. */
export function randomPart(
  { height, width }: Pick<ImageShape, 'height' | 'width'>,
  draw: () => number,
): Rectangle {
  for (let left = TRIES; left > 0; left--) {
    const area = height * width * (LEAST_AREA + (1 - LEAST_AREA) * draw());
    // Uniform in its logarithm: as often upright as lying.
    const ratio = LEAST_RATIO ** (1 - 2 * draw());
    const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
    const [y, x] = [draw(), draw()];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return {
      top: Math.floor(y * (height - h + 1)),
      left: Math.floor(x * (width - w + 1)),
      height: h,
      width: w,
    };
  }
  const w = Math.min(width, Math.max(1, Math.round(height / LEAST_RATIO)));
  const h = Math.min(height, Math.max(1, Math.round(width / LEAST_RATIO)));
  return { top: (height - h) >> 1, left: (width - w) >> 1, height: h, width: w };
}

/**
 * The middle of an image, as the test images of photographs are seen: the largest part of the ratio asked for, less a
 * margin, enlarged or reduced.
 *
 * @param share of the sides that is kept: 224 of 256 pixels is the custom
 * @param out [channels, outShape.height, outShape.width]
 */
export function centreCrop(
  pixels: Uint8Array,
  shape: ImageShape,
  outShape: Pick<ImageShape, 'height' | 'width'>,
  out: Uint8Array,
  share = 224 / 256,
): void {
  resizePart(pixels, shape, middlePart(shape, outShape, share), { ...outShape, isMirrored: false }, out);
}

/** The largest part in the middle of an image of the ratio asked for, times `share`. */
export function middlePart(
  { height, width }: Pick<ImageShape, 'height' | 'width'>,
  ratio: Pick<ImageShape, 'height' | 'width'>,
  share = 1,
): Rectangle {
  const scale = share * Math.min(height / ratio.height, width / ratio.width);
  const [h, w] = [scale * ratio.height, scale * ratio.width];
  return { top: (height - h) / 2, left: (width - w) / 2, height: h, width: w };
}

/**
 * Bilinear, by the centres of pixels. Where a side is reduced, weights fall off over as many pixels as become one
 * (a triangle), so that fine patterns are averaged rather than picked from.
 */
export function resizePart(
  pixels: Uint8Array,
  { channels, height, width }: ImageShape,
  part: Rectangle,
  to: { readonly height: number; readonly width: number; readonly isMirrored: boolean },
  out: Uint8Array,
): void {
  const rows = weightsAlong(part.top, part.height, to.height, height);
  const columns = weightsAlong(part.left, part.width, to.width, width);
  // [rows that are needed, out width]: along rows first.
  const firstRow = Math.min(...rows.from);
  const lastRow = Math.max(...rows.from) + rows.taps;
  const lines = new Float32Array((lastRow - firstRow) * to.width);
  for (let c = 0; c < channels; c++) {
    for (let y = firstRow; y < lastRow; y++) {
      const { from, taps, weights } = columns;
      const line = (y - firstRow) * to.width;
      const at = (c * height + y) * width;
      for (let x = 0; x < to.width; x++) {
        let sum = 0;
        for (let i = 0; i < taps; i++) sum += weights[x * taps + i] * pixels[at + from[x] + i];
        lines[line + (to.isMirrored ? to.width - 1 - x : x)] = sum;
      }
    }
    for (let y = 0; y < to.height; y++) {
      const { from, taps, weights } = rows;
      const line = (from[y] - firstRow) * to.width;
      const at = (c * to.height + y) * to.width;
      for (let x = 0; x < to.width; x++) {
        let sum = 0;
        for (let i = 0; i < taps; i++) sum += weights[y * taps + i] * lines[line + i * to.width + x];
        out[at + x] = Math.round(sum);
      }
    }
  }
}

/** What of a line of pixels makes each of another. */
interface Weights {
  /** The first pixel for each. */
  readonly from: Int32Array;
  /** Pixels from there on. */
  readonly taps: number;
  /** [pixels of the new line, taps]; those of a pixel add up to 1. */
  readonly weights: Float64Array;
}

/** What of `size` pixels makes each of `count`, of the part from `start` on, `length` long. */
function weightsAlong(start: number, length: number, count: number, size: number): Weights {
  const scale = length / count;
  const reach = Math.max(1, scale);
  const taps = Math.min(size, Math.ceil(2 * reach));
  const from = new Int32Array(count);
  const weights = new Float64Array(count * taps);
  for (let n = 0; n < count; n++) {
    const centre = start + (n + 0.5) * scale;
    from[n] = Math.min(size - taps, Math.max(0, Math.ceil(centre - reach - 0.5)));
    let sum = 0;
    for (let i = 0; i < taps; i++) {
      const weight = Math.max(0, 1 - Math.abs(from[n] + i + 0.5 - centre) / reach);
      weights[n * taps + i] = weight;
      sum += weight;
    }
    for (let i = 0; i < taps; i++) weights[n * taps + i] /= sum;
  }
  return { from, taps, weights };
}
