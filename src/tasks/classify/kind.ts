/** Classification as a kind of task: see `tasks/task.ts`. */
import { softmaxCrossEntropy } from '../../graph/ops/classify.ts';
import { inLayer } from '../../graph/provenance.ts';
import type { TaskKind } from '../task.ts';
import { type ImageShard, openShard } from './shard.ts';

export const classifyKind: TaskKind<ImageShard> = {
  kind: 'classify',
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
