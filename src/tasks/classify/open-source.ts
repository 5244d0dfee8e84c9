/** From a choice of data to images, and those of them that are held back. Readers are loaded when they are needed. */
import type { DataChoice } from '../../data/choice/choice.ts';
import type { Progress } from '../../data/dataset.ts';
import type { ImageSource } from '../../data/images/image-source.ts';
import { DataError } from '../../io/data-error.ts';
import type { ClassifyOptions } from './options.ts';
import type { OpenedImages } from './types.ts';

/** @throws DataError where these are no images, or cannot be used */
export async function openSource(
  choice: DataChoice,
  { imageSize }: ClassifyOptions,
  progress: Progress = () => {},
): Promise<ImageSource> {
  switch (choice.kind) {
    case 'shapes': {
      const { openShapes } = await import('../../data/images/shapes.ts');
      return openShapes({ seed: choice.seed });
    }
    case 'images': {
      const { openImages } = await import('../../data/images/open-images.ts');
      return openImages(choice.place, { height: imageSize, width: imageSize, progress });
    }
    default:
      throw new DataError(
        'These are fields on a grid; a classification needs images: IDX or CIFAR files, or a folder or a zip with a folder for every class.',
      );
  }
}

/** Of every class the same share of the images to train on is held back, evenly spaced. */
export function heldBack(
  { labels, train: all }: Pick<ImageSource, 'labels' | 'train'>,
  share: number,
): Pick<OpenedImages, 'train' | 'validation'> {
  const seen = new Map<number, number>();
  const isHeldBack = (image: number): boolean => {
    const before = seen.get(labels[image]) ?? 0;
    seen.set(labels[image], before + 1);
    return Math.floor((before + 1) * share) > Math.floor(before * share);
  };
  const chosen = Array.from(all, isHeldBack);
  return {
    train: all.filter((_, i) => !chosen[i]),
    validation: all.filter((_, i) => chosen[i]),
  };
}
