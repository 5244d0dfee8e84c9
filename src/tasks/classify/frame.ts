/** The frame of a classification: an image in, a score for every class out. */
import { ConfigError, type Frame } from '../../models/model.ts';
import type { ClassifyOptions } from './options.ts';

export interface ImageSizes {
  /** Colours. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  /** Share of the target that all classes have alike; 0 where absent. */
  readonly labelSmoothing?: number;
}

/** Inputs `image` [channels, height, width] and `label`, a class counted from 0; output `logits` [classes]. */
export function classifyFrame(sizes: ImageSizes): Frame {
  const { channels, height, width, classes, labelSmoothing = 0 } = sizes;
  return {
    task: 'classify',
    inputs: [
      { name: 'image', shape: [channels, height, width], dtype: 'f32', per: 'sample', for: 'model' },
      { name: 'label', shape: [], dtype: 'u32', per: 'sample', for: 'loss' },
    ],
    outputs: [{ name: 'logits', shape: [classes], dtype: 'f32' }],
    sizes: { channels, height, width, classes, labelSmoothing },
  };
}

/** @param sizes `channels`, `rows` and `columns` of an image, and `classes` */
export function plannedClassify(
  { labelSmoothing }: ClassifyOptions,
  sizes: Readonly<Record<string, number>>,
): Frame {
  const missing = ['channels', 'rows', 'columns', 'classes'].find(name => sizes[name] === undefined);
  if (missing !== undefined) throw new ConfigError(`Images need ${missing} to be planned for.`);
  const { channels, rows, columns, classes } = sizes;
  return classifyFrame({ channels, height: rows, width: columns, classes, labelSmoothing });
}
