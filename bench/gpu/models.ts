/** The presets as models of a fixed shape: a training step takes as long on made-up numbers as on their data. */
import { CHANNELS, STATIC_CHANNELS } from '../../src/data/atmosphere/channels.ts';
import { weatherBench2Channels, weatherBench2Statics } from '../../src/data/choice/weatherbench2.ts';
import { ancestors, grad } from '../../src/graph/grad.ts';
import type { MatmulAttributes } from '../../src/graph/kernels/matmul.ts';
import type { Shape, Tensor } from '../../src/graph/tensor.ts';
import type { WeatherMixerConfig } from '../../src/models/weathermixer-config.ts';
import { presets } from '../../src/session/api/presets.ts';
import { presetOf } from '../../src/session/api/settings.ts';
import type { OptimizerOptions } from '../../src/train/optimizer.ts';
import { lossGraph } from '../../src/train/plans.ts';
import { forecastJob } from '../../test/reference/jobs.ts';

export interface BenchModel {
  readonly name: string;
  readonly config: WeatherMixerConfig;
  readonly optimizer: OptimizerOptions;
  readonly batch: number;
}

export const modelNames: readonly string[] = Object.keys(presets);

/** Grid of the embedded atmosphere and of the coarsest ERA5: [height, width]. */
const GRID = [32, 64] as const;

/** @throws ConfigError for a name that is no preset */
export function modelNamed(name: string): BenchModel {
  const { model, task, optimizer, batch, store, published } = presetOf(name);
  const [channels, statics] = store
    ? [weatherBench2Channels, weatherBench2Statics]
    : [CHANNELS, STATIC_CHANNELS];
  const config = published ?? {
    ...model,
    channels: channels.length,
    statics: statics.length,
    inputSteps: task.inputSteps,
    height: Math.ceil(GRID[0] / task.patch[0]) * task.patch[0],
    width: Math.ceil(GRID[1] / task.patch[1]) * task.patch[1],
    patch: task.patch,
  };
  return { name, config, optimizer, batch };
}

/** A product without what is added to it on the way out. */
export interface Product {
  readonly name: string;
  readonly a: Shape;
  readonly b: Shape;
  readonly attributes: MatmulAttributes;
}

const isMatmul = (tensor: Tensor): tensor is Tensor<MatmulAttributes> => tensor.op.name === 'matmul';

/** Every product of the training step of a model, forward and backward, each kind once. */
export function productsOf({ name, config, batch }: BenchModel): Product[] {
  const { loss, parameters } = lossGraph(forecastJob(config), batch);
  const found = new Map<string, Product>();
  for (const { inputs, attributes } of ancestors(loss, ...grad(loss, parameters)).filter(isMatmul)) {
    const [a, b] = inputs.map(input => input.shape);
    const product = { a, b, attributes: { ...attributes, bias: 'none' as const } };
    found.set(productKey(product), { name: `${name}: ${productKey(product)}`, ...product });
  }
  return [...found.values()];
}

/** Such as `[2,128,128]T x [128,128]`, with `summed` where the batch is added up. */
export function productKey({ a, b, attributes }: Omit<Product, 'name'>): string {
  const { transposeA, transposeB, sumBatch } = attributes;
  return `[${a}]${transposeA ? 'T' : ''} x [${b}]${transposeB ? 'T' : ''}${sumBatch ? ' summed' : ''}`;
}

const plain: MatmulAttributes = { transposeA: false, transposeB: false, sumBatch: false, bias: 'none' };

export const square = (n: number): Product => ({
  name: `${n} cubed`,
  a: [n, n],
  b: [n, n],
  attributes: plain,
});
