/** What every set of labelled images is turned into: labels at hand, pixels read when they are asked for. */

export interface ImageSource {
  /** For people: `Fashion-MNIST`. */
  readonly name: string;
  /** True for images that were computed: the page must say that these are no photographs. */
  readonly synthetic: boolean;
  /** An image of label `i` shows `classes[i]`. */
  readonly classes: readonly string[];
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  /** Pixels, the same for all images. */
  readonly height: number;
  readonly width: number;
  /** Of all images. */
  readonly labels: Uint32Array<ArrayBuffer>;
  /** Indices of the images to train on, and of those to test on: no image is in both. */
  readonly train: Int32Array<ArrayBuffer>;
  readonly test: Int32Array<ArrayBuffer>;
  /**
   * Sentences for people: what was left out and why, counted and named. It grows where an image turns out to be damaged
   * only when it is read, so ask again.
   */
  readonly notes: readonly string[];
  /**
   * The pixels of some images, 0 to 255: [images, channels, height, width]. A set of files is read here, and nothing of
   * it is kept.
   *
   * @throws DataError where they cannot be read any more
   * @throws the signal's reason where it is aborted
   */
  read(images: ArrayLike<number>, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes of one image. */
export const imageBytes = ({
  channels,
  height,
  width,
}: Pick<ImageSource, 'channels' | 'height' | 'width'>): number => channels * height * width;

/** `from` (included) to `to` (not included), as indices. */
export const indices = (from: number, to: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);
