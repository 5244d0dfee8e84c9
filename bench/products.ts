/** Matrix products beside tfjs and jax-js: squares, and the products of the demo's training step. */
import { type Array as JaxArray, jit, numpy as np } from '@jax-js/jax';
import * as tf from '@tensorflow/tfjs-core';
import { Executor } from '../src/engine/executor.ts';
import { formsFor } from '../src/engine/forms.ts';
import { allocateSpaces, destroySpaces } from '../src/engine/spaces.ts';
import { readFloats } from '../src/engine/transfer.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { inputTensor } from '../src/graph/ops/leaf.ts';
import { matmul } from '../src/graph/ops/matmul.ts';
import { type Shape, sizeOf } from '../src/graph/tensor.ts';
import { compile } from '../src/plan/compile.ts';
import { layoutParameters } from '../src/plan/layout.ts';
import { lower } from '../src/plan/lower.ts';
import { tfjsDone } from './libraries.ts';
import { medians, normalValues, relativeError, type Work } from './measure.ts';

export interface Product {
  readonly name: string;
  readonly a: Shape;
  readonly b: Shape;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Sum over the batch: a weight gradient. Other libraries multiply and then add up. */
  readonly sumBatch?: boolean;
}

export interface ProductResult {
  readonly name: string;
  readonly gflop: number;
  /** Milliseconds and GFLOP/s by library. */
  readonly ms: Readonly<Record<string, number>>;
  readonly gflops: Readonly<Record<string, number>>;
  /** ||theirs - ours|| / ||ours||. */
  readonly relativeError: Readonly<Record<string, number>>;
}

interface Contender {
  readonly work: Work;
  readonly result: () => Promise<Float32Array>;
  readonly close: () => void;
}
type Values = readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];

/** Values that differ by more than this are no longer the same product. */
const TOLERANCE = 1e-5;

export const squares: readonly Product[] = [256, 512, 1024].map(n => ({
  name: `${n} cubed`,
  a: [n, n],
  b: [n, n],
}));

/** @throws Error where a library's product differs from ours. */
export async function benchProduct(
  gpu: Gpu,
  pipelines: PipelineCache,
  product: Product,
  repetitions: number,
): Promise<ProductResult> {
  const values = [normalValues(sizeOf(product.a), 1), normalValues(sizeOf(product.b), 2)] as const;
  const contenders: Record<string, Contender> = {
    isobar: await isobarProduct(gpu, pipelines, product, values),
    tfjs: tfjsProduct(product, values),
    'jax-js': jaxProduct(product, values),
  };
  const works = Object.fromEntries(Object.entries(contenders).map(([name, { work }]) => [name, work]));
  const ms = (await medians(works, repetitions)) as Record<string, number>;
  const ours = await contenders.isobar.result();
  const errors: Record<string, number> = {};
  for (const [name, contender] of Object.entries(contenders)) {
    if (name !== 'isobar') errors[name] = relativeError(await contender.result(), ours);
    contender.close();
  }
  for (const [name, error] of Object.entries(errors)) {
    if (!(error <= TOLERANCE)) throw new Error(`${product.name}: ${name} differs from ours by ${error}`);
  }
  const gflop = flopOf(product) / 1e9;
  const gflops = Object.fromEntries(Object.entries(ms).map(([name, time]) => [name, (gflop / time) * 1000]));
  return { name: product.name, gflop, ms, gflops, relativeError: errors };
}

function flopOf({ a, b, transposeA, transposeB }: Product): number {
  const [m, k] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const n = transposeB ? b.at(-2)! : b.at(-1)!;
  return 2 * m * n * k * Math.max(a.length === 3 ? a[0] : 1, b.length === 3 ? b[0] : 1);
}

async function isobarProduct(
  gpu: Gpu,
  pipelines: PipelineCache,
  { a, b, transposeA, transposeB, sumBatch }: Product,
  values: Values,
): Promise<Contender> {
  const y = matmul(inputTensor('a', a), inputTensor('b', b), { transposeA, transposeB, sumBatch });
  const plan = lower(compile({ outputs: { y }, layout: layoutParameters([]) }), formsFor(gpu));
  const spaces = await allocateSpaces(gpu, plan);
  const executor = await Executor.create(gpu, pipelines, plan, spaces);
  const { queue } = gpu.device;
  ['a', 'b'].forEach((name, i) => {
    const { buffer, offset } = executor.locate(name);
    queue.writeBuffer(buffer, offset, values[i]);
  });
  const { buffer, offset, bytes } = executor.locate('y');
  return {
    work: () => {
      const encoder = gpu.device.createCommandEncoder();
      executor.encode(encoder);
      queue.submit([encoder.finish()]);
      return queue.onSubmittedWorkDone();
    },
    result: () => readFloats(gpu.device, buffer, offset, bytes),
    close: () => {
      executor.destroy();
      destroySpaces(spaces);
    },
  };
}

function tfjsProduct({ a, b, transposeA, transposeB, sumBatch }: Product, values: Values): Contender {
  const x = tf.tensor(values[0], [...a]);
  const w = tf.tensor(values[1], [...b]);
  const product = (): tf.Tensor =>
    tf.tidy(() => {
      const y = tf.matMul(x, w, transposeA, transposeB);
      return sumBatch ? tf.sum(y, 0) : y;
    });
  return {
    work: async () => {
      const y = product();
      await tfjsDone();
      y.dispose();
    },
    result: async () => {
      const y = product();
      const data = (await y.data()) as Float32Array;
      y.dispose();
      return data;
    },
    close: () => tf.dispose([x, w]),
  };
}

function jaxProduct({ a, b, transposeA, transposeB, sumBatch }: Product, values: Values): Contender {
  const x = np.array(values[0]).reshape([...a]);
  const w = np.array(values[1]).reshape([...b]);
  const product = jit((p: JaxArray, q: JaxArray) => {
    const left = transposeA ? np.matrixTranspose(p) : p;
    // A shared left operand is repeated in words: left to itself, 0.1.25 lays the product out in another order.
    const shared = left.ndim === 2 && q.ndim === 3;
    const y = np.matmul(
      shared ? np.broadcastTo(left, [q.shape[0], ...left.shape]) : left,
      transposeB ? np.matrixTranspose(q) : q,
    );
    return sumBatch ? y.sum(0) : y;
  });
  return {
    work: async () => {
      const y = await product(x.ref, w.ref).blockUntilReady();
      y.dispose();
    },
    result: async () => (await product(x.ref, w.ref).data()) as Float32Array,
    close: () => {
      x.dispose();
      w.dispose();
    },
  };
}
