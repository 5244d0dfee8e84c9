/** The patches of images as one operand of a product: see docs/convolution.md. */

/** Where positions and taps meet along an axis of an image: at `position * scale + offset + tap * step`. */
export interface Walk {
  /** Of the image: what is met outside of it is zero. */
  readonly length: number;
  readonly positions: number;
  readonly taps: number;
  readonly scale: number;
  readonly offset: number;
  readonly step: number;
}

/**
 * The patches of images [images, channels, rows, columns] as a matrix that is read, and never written: a row for each
 * channel and tap, a column for each image and position. Transposed (`transposeB`) it is that of one image, and the
 * product is summed over images.
 */
export interface Patches {
  readonly images: number;
  readonly channels: number;
  readonly rows: Walk;
  readonly columns: Walk;
  /** Where columns are positions; else a and the result are matrices. */
  readonly layout?: PatchLayout;
}

export interface PatchLayout {
  /** Where a has the weight of a row of the result, a channel and a tap. */
  readonly weights: KernelPlace & { readonly row: number; readonly channel: number };
  /** Where the result has a row and a position of an image. */
  readonly results: KernelPlace & { readonly row: number; readonly image: number };
}

/** An element, and how many elements further on are the next tap or position down and the next across. */
export interface KernelPlace {
  readonly first: number;
  readonly down: number;
  readonly across: number;
}
