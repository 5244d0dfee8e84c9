/** What a preset says of a classification. */

/** What is done to images that are trained on: nothing; shifts and mirroring, as for CIFAR; random parts, as for photographs. */
export const augmentations = ['none', 'shift', 'crop'] as const;
export type Augmentation = (typeof augmentations)[number];

export interface ClassifyOptions {
  /** Share of the images to train on that are held back, of each class, to validate with. */
  readonly validation: number;
  /** Share of each class that is trained on; 1 where absent. Smaller ones lie within larger ones. */
  readonly subset?: number;
  readonly augmentation: Augmentation;
  /** Share of the target that all classes have alike. */
  readonly labelSmoothing: number;
  /** Images that the validation part is scored by at most, drawn of them. */
  readonly scoredImages: number;
  /** Pixels of a side that images of any size, in folders of classes, are brought to. */
  readonly imageSize: number;
}
