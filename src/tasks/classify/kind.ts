/** Classification as a kind of task: see `tasks/task.ts`. */
import { softmaxCrossEntropy } from '../../graph/ops/classify.ts';
import { inLayer } from '../../graph/provenance.ts';
import type { TaskKind } from '../task.ts';
import { plannedClassify } from './frame.ts';
import { classifyOutline } from './outline.ts';
import { createRankPart } from './rank-part.ts';
import { openShard } from './shard.ts';
import { openClassify } from './supply.ts';
import type { ClassifyTypes } from './types.ts';
import { wire } from './wire.ts';

export const classifyKind: TaskKind<ClassifyTypes> = {
  ...classifyOutline,
  wire,
  open: openClassify,
  plannedFrame: plannedClassify,
  createPart: createRankPart,
  openShard,
  /** Mean cross-entropy of the classes' probabilities and the labels. */
  loss(apply, inputs, mode, { sizes }, { samples }) {
    const outputs = apply(inputs, mode);
    const loss = inLayer('loss', () =>
      softmaxCrossEntropy(outputs.logits, inputs.label, { count: samples, smoothing: sizes.labelSmoothing }),
    );
    return { loss, outputs };
  },
};
