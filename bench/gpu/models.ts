/** The presets as models of a fixed shape: a training step takes as long on made-up numbers as on their data. */
import { ancestors, grad } from '../../src/graph/grad.ts';
import type { MatmulAttributes } from '../../src/graph/kernels/matmul.ts';
import type { Shape, Tensor } from '../../src/graph/tensor.ts';
import { ConfigError } from '../../src/models/model.ts';
import type { WeatherMixerConfig } from '../../src/models/weathermixer-config.ts';
import { weatherMixerKind } from '../../src/models/weathermixer-kind.ts';
import { jobOf } from '../../src/session/api/plan-report.ts';
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

export const modelNames: readonly string[] = Object.keys(presets).filter(
  name => presets[name].model.kind === weatherMixerKind.kind,
);

/** @throws ConfigError for a name that is no preset, or one of another kind of model */
export function modelNamed(name: string): BenchModel {
  const preset = presetOf(name);
  const { model } = jobOf(preset);
  if (model.kind !== weatherMixerKind.kind) {
    throw new ConfigError(`The preset ${name} is no ${weatherMixerKind.label}.`);
  }
  const config = model.config as WeatherMixerConfig;
  return { name, config, optimizer: preset.optimizer, batch: preset.batch };
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
