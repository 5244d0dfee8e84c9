/** A trainer of one of the published ResNets on small images. */
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import type { Shape } from '../src/graph/tensor.ts';
import type { ResNetConfig } from '../src/models/resnet-config.ts';
import { resNetKind } from '../src/models/resnet-kind.ts';
import { classifyFrame } from '../src/tasks/classify/frame.ts';
import { loadAllKinds } from '../src/train/load-kinds.ts';
import { momentum } from '../src/train/optimizer-options.ts';
import { Trainer } from '../src/train/trainer.ts';
import { normalValues } from './measure.ts';

await loadAllKinds();

const CLASSES = 10;

export interface ImageBatch {
  /** [batch, 3, size, size] */
  readonly shape: Shape;
  readonly image: Float32Array<ArrayBuffer>;
  readonly label: Uint32Array<ArrayBuffer>;
}

/** Of normal deviates: what is computed is the same for photographs. */
export function imageBatch(batch: number, size: number): ImageBatch {
  return {
    shape: [batch, 3, size, size],
    image: normalValues(batch * 3 * size * size, 3),
    label: Uint32Array.from({ length: batch }, (_, i) => (7 * i) % CLASSES),
  };
}

/** @param size of a side of the images, in pixels */
export async function resNetTrainer(
  gpu: Gpu,
  pipelines: PipelineCache,
  network: Omit<ResNetConfig, 'channels' | 'height' | 'width' | 'classes'>,
  batch: number,
  size: number,
  classes = CLASSES,
): Promise<{ trainer: Trainer; config: ResNetConfig }> {
  const frame = classifyFrame({ channels: 3, height: size, width: size, classes });
  const config = resNetKind.fit(network, frame);
  const model = { kind: resNetKind.kind, config };
  const trainer = await Trainer.create(gpu, pipelines, { model, frame, optimizer: momentum, batch, seed: 1 });
  return { trainer, config };
}
