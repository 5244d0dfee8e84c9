/** ResNet-50 as it was published, to be trained on two images of 64 x 64: what a test and `npm run bench -- resnet 50` share. */
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { resNets } from '../src/models/resnet-config.ts';
import type { Trainer } from '../src/train/trainer.ts';
import { imageBatch, resNetTrainer } from './resnet-trainer.ts';

export const FIFTY = { batch: 2, size: 64, classes: 1000, steps: 20, learningRate: 0.01 } as const;

/** The trainer is left to the caller, who destroys it; `step` begins one more step on the same images. */
export async function fiftyTrainer(
  gpu: Gpu,
  pipelines: PipelineCache,
): Promise<{ trainer: Trainer; step: () => Promise<void> }> {
  const { batch, size, classes, learningRate } = FIFTY;
  const network = { ...resNets[50], syncNorms: false };
  const { trainer } = await resNetTrainer(gpu, pipelines, network, batch, size, classes);
  const { image, label } = imageBatch(batch, size);
  return { trainer, step: () => trainer.trainStep({ image, label }, learningRate, 0) };
}
