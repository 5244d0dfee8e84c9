/** The presets as models of a fixed shape: a training step takes as long on made-up numbers as on their data. */
import { ancestors, grad } from '../../src/graph/grad.ts';
import type { MatmulAttributes } from '../../src/graph/kernels/matmul.ts';
import type { Shape, Tensor } from '../../src/graph/tensor.ts';
import { jobOf } from '../../src/session/api/plan-report.ts';
import { type Preset, presets } from '../../src/session/api/presets.ts';
import { presetOf } from '../../src/session/api/settings.ts';
import { loadAllKinds } from '../../src/train/load-kinds.ts';
import type { OptimizerOptions } from '../../src/train/optimizer-options.ts';
import { type Job, lossGraph } from '../../src/train/plans.ts';
import type { SizeList } from './sizes.ts';

await loadAllKinds();

export interface BenchModel extends Job {
  readonly name: string;
  readonly optimizer: OptimizerOptions;
  /** Learning rate. */
  readonly rate: number;
  readonly batch: number;
}

export const modelNames: readonly string[] = Object.keys(presets);

/** Small enough for the largest model on made-up numbers. */
const rates: Readonly<Record<OptimizerOptions['kind'], number>> = { adam: 3e-4, adamw: 3e-4, sgd: 1e-2 };

/** @throws ConfigError for a name that is no preset */
export const modelNamed = (name: string, sizes: SizeList): BenchModel =>
  benchModel(name, presetOf(name), sizes);

/** The same without dropout, where it has any: no other library draws its masks. @throws ConfigError */
export function modelWithoutDropout(name: string, sizes: SizeList): BenchModel {
  const preset = presetOf(name);
  const { kind, options } = preset.model;
  const still = 'dropout' in options ? { ...options, dropout: 0 } : options;
  return benchModel(name, { ...preset, model: { kind, options: still } }, sizes);
}

function benchModel(name: string, preset: Preset, { batches }: SizeList): BenchModel {
  const { optimizer, batch } = preset;
  return { name, ...jobOf(preset), optimizer, rate: rates[optimizer.kind], batch: batches[name] ?? batch };
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
export function productsOf(model: BenchModel): Product[] {
  const { name, batch } = model;
  const { loss, parameters } = lossGraph(model, batch);
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
