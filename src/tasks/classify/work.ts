/** All of a classification that is loaded when images are trained on: its data, its scores and its loss. */
import { softmaxCrossEntropy } from '../../graph/ops/classify.ts';
import { inLayer } from '../../graph/provenance.ts';
import type { TaskKind } from '../task.ts';
import type { ClassifyTypes } from './types.ts';

export { openShard } from './shard.ts';
export { openClassify } from './supply.ts';

/** Mean cross-entropy of the classes' probabilities and the labels. */
export const loss: TaskKind<ClassifyTypes>['loss'] = (apply, inputs, mode, { sizes }, { samples }) => {
  const outputs = apply(inputs, mode);
  const loss = inLayer('loss', () =>
    softmaxCrossEntropy(outputs.logits, inputs.label, { count: samples, smoothing: sizes.labelSmoothing }),
  );
  return { loss, outputs };
};
