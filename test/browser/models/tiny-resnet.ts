/** A small ResNet and its batches, for the tests that train one. They share shapes, and so pipelines. */
import { resNetKind } from '../../../src/models/resnet-kind.ts';
import { classifyFrame } from '../../../src/tasks/classify/frame.ts';
import { momentum, type OptimizerOptions } from '../../../src/train/optimizer-options.ts';
import type { TrainerOptions } from '../../../src/train/trainer.ts';
import { randomValues } from '../check.ts';

const SAMPLES = 4;
const CLASSES = 10;
const [CHANNELS, HEIGHT, WIDTH] = [3, 9, 11];
const IMAGE = CHANNELS * HEIGHT * WIDTH;

const size = { channels: CHANNELS, height: HEIGHT, width: WIDTH };
const frame = classifyFrame({ ...size, classes: CLASSES, labelSmoothing: 0.1 });
const config = resNetKind.fit(
  {
    stem: { kernel: 3, stride: 1, pool: true },
    stemChannels: 8,
    block: 'bottleneck',
    blocks: [1, 1],
    stageChannels: 4,
  },
  frame,
);

/** As PyTorch's SGD with momentum, weight decay on all parameters. */
export const sgd: OptimizerOptions = { ...momentum, decayVectors: true };

export const options: TrainerOptions = {
  model: { kind: 'resnet', config },
  frame,
  optimizer: sgd,
  batch: SAMPLES,
  seed: 1,
};

/** The samples of a step's batch of four, or some of them. */
export function batchOf(step: number, from = 0, to = SAMPLES) {
  const image = randomValues(SAMPLES * IMAGE, step).slice(from * IMAGE, to * IMAGE);
  const label = Uint32Array.from({ length: to - from }, (_, i) => (7 * step + 3 * (from + i)) % CLASSES);
  return { image, label };
}
