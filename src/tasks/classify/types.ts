/** What ranks say to each other of images: see `TaskTypes`. */
import type { BareChoice, DataChoice, ImagesChoice } from '../../data/choice/choice.ts';
import type { ImageSource } from '../../data/images/image-source.ts';
import type { ChannelMoments } from '../../data/images/moments.ts';
import type { ClassifyOptions } from './options.ts';
import type { ImageShard, PixelShard } from './shard.ts';

/** Sets too large for memory: every rank opens them, and reads what its batches take. */
export interface OpenOrder {
  /** Where it names no address, the rank's own page must have been given the files. */
  readonly choice: ImagesChoice | Extract<BareChoice, { kind: 'images' }>;
  readonly options: ClassifyOptions;
}

/** What tells whether two ranks opened the same images; one that a rank cannot open is no fault of the rank. */
export type OpenAnswer =
  | { readonly images: number; readonly classes: readonly string[] }
  | { readonly unreadable: string };

/** The images themselves, or what a rank must know to read its own. */
export type ImageCommand =
  | { readonly shard: PixelShard }
  | { readonly moments: ChannelMoments; readonly train: Int32Array };

export interface OpenedImages {
  readonly source: ImageSource;
  readonly moments: ChannelMoments;
  readonly train: Int32Array<ArrayBuffer>;
  readonly validation: Int32Array<ArrayBuffer>;
  /** Pixels of the images to train on, where they are few enough. */
  readonly pixels: Uint8Array<ArrayBuffer> | undefined;
  readonly choice: DataChoice;
}

export interface ClassifyTypes {
  readonly options: ClassifyOptions;
  readonly shard: ImageShard;
  readonly order: OpenOrder;
  readonly answer: OpenAnswer;
  readonly command: ImageCommand;
  readonly kept: OpenedImages;
}
