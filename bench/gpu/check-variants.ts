/** Every variant of the family against sums in float64, on sizes that tiles fit badly, with batches, bias and splits. */
import { shippedKernels } from '../../src/engine/candidates.ts';
import { evaluate } from '../../src/engine/run.ts';
import type { ProductForm, Product as ProductSizes } from '../../src/graph/op.ts';
import { add } from '../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../src/graph/ops/leaf.ts';
import { matmul, matmulSizes } from '../../src/graph/ops/matmul.ts';
import { type Shape, sizeOf } from '../../src/graph/tensor.ts';
import type { FormTable } from '../../src/plan/lower.ts';
import { invocationsOf, type Variant, variantName, variants, workgroupBytes } from '../kernels/family.ts';
import { normalValues, relativeError } from '../measure.ts';
import type { Device } from './timing.ts';
import { formsOf } from './variants.ts';

interface Case {
  readonly name: string;
  readonly a: Shape;
  readonly b: Shape;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly sumBatch?: boolean;
  readonly bias?: 'columns' | 'rows';
  /** Added to what its place holds. */
  readonly accumulate?: boolean;
  /** Ways in which the inner axis is cut, where it may be. */
  readonly splits?: number;
}

/** Both kinds of loads, each with another layout: for every variant. */
const forAll: readonly Case[] = [
  { name: 'NT in vectors', a: [68, 40], b: [132, 40], transposeB: true },
  { name: 'TN, odd', a: [37, 67], b: [37, 131], transposeA: true },
];

/** The rest of what a product may be: for one variant of each number of stages. */
const forSome: readonly Case[] = [
  { name: 'NN, odd', a: [33, 19], b: [19, 35] },
  { name: 'TT in vectors', a: [36, 20], b: [12, 36], transposeA: true, transposeB: true },
  { name: 'a batch, bias by column', a: [3, 20, 24], b: [3, 24, 40], bias: 'columns' },
  { name: 'a shared operand, bias by row, odd', a: [21, 18], b: [2, 18, 13], bias: 'rows' },
  {
    name: 'summed over the batch, split',
    a: [5, 24, 20],
    b: [5, 28, 20],
    transposeB: true,
    sumBatch: true,
    splits: 3,
  },
  { name: 'split unevenly', a: [20, 260], b: [260, 24], splits: 4 },
  { name: 'added to what is there', a: [24, 28], b: [28, 20], accumulate: true },
  { name: 'one by one', a: [1, 1], b: [1, 1] },
];

const TOLERANCE = 1e-6;
/** Operands in half precision. */
const HALF_TOLERANCE = 2e-3;

/** True where the adapter's limits and features allow a variant. */
export function isAllowed({ gpu }: Device, variant: Variant): boolean {
  return (
    workgroupBytes(variant) <= gpu.limits.maxComputeWorkgroupStorageSize &&
    invocationsOf(variant) <= gpu.limits.maxComputeInvocationsPerWorkgroup &&
    (!variant.half || gpu.features.has('shader-f16'))
  );
}

/**
 * @param thorough both kinds of loads of every variant, and all cases; else those variants that ship, and one of each number
 *   of stages, with one case each
 * @returns how many products were compared
 * @throws Error where one is wrong
 */
export async function checkVariants(device: Device, thorough: boolean): Promise<number> {
  const allowed = variants.filter(variant => isAllowed(device, variant));
  const isFirstOfItsStages = (variant: Variant) =>
    variant === allowed.find(({ stages }) => stages === variant.stages);
  const ships = (variant: Variant) =>
    shippedKernels.some(({ shader }) => shader === variantName(variant, 'vectors'));
  const checked = allowed.filter(variant => thorough || isFirstOfItsStages(variant) || ships(variant));
  let compared = 0;
  for (const variant of checked) {
    const cases = thorough ? forAll : forAll.slice(0, 1);
    for (const one of thorough && isFirstOfItsStages(variant) ? [...cases, ...forSome] : cases) {
      const error = await errorOf(device, variant, one);
      if (!(error <= (variant.half ? HALF_TOLERANCE : TOLERANCE))) {
        throw new Error(`${variantName(variant, 'vectors')}: "${one.name}" is wrong by ${error}`);
      }
      compared++;
    }
  }
  return compared;
}

async function errorOf({ gpu, pipelines }: Device, variant: Variant, one: Case): Promise<number> {
  const { a, b, transposeA = false, transposeB = false, sumBatch = false, bias = 'none', splits } = one;
  const sizes = matmulSizes(a, b, { transposeA, transposeB, sumBatch, bias });
  const { batch, m, n } = sizes;
  const shape = batch > 1 ? [batch, m, n] : [m, n];
  const added = bias === 'none' ? undefined : inputTensor('bias', [bias === 'columns' ? n : m]);
  const product = matmul(inputTensor('a', a), inputTensor('b', b), {
    transposeA,
    transposeB,
    sumBatch,
    ...(bias === 'columns' ? { bias: added } : { rowBias: added }),
  });
  // A sum whose first term is computed, and needed no more, is where the product is added.
  const there = inputTensor('there', shape);
  const y = one.accumulate ? add(add(there, there), product) : product;
  const inputs: Record<string, Float32Array<ArrayBuffer>> = {
    a: normalValues(sizeOf(a), 1),
    b: normalValues(sizeOf(b), 2),
    ...(added ? { bias: normalValues(sizeOf(added.shape), 3) } : {}),
    ...(one.accumulate ? { there: normalValues(sizeOf(shape), 4) } : {}),
  };
  const result = await evaluate(gpu, pipelines, { y }, inputs, formsLike(variant, splits));
  const expected = exact(sizes, { transposeA, transposeB }, inputs.a, inputs.b);
  for (let i = 0; i < expected.length; i++) {
    if (bias === 'columns') expected[i] += inputs.bias[i % n];
    if (bias === 'rows') expected[i] += inputs.bias[Math.floor(i / n) % m];
    if (one.accumulate) expected[i] += 2 * inputs.there[i];
  }
  return relativeError(result.y, expected);
}

const formsLike = (variant: Variant, splits: number | undefined): FormTable => ({
  name: 'checked',
  entries: new Map(),
  otherwise: (product: ProductSizes): ProductForm => ({
    ...formsOf(variant, product)[0],
    splits: splits ?? 1,
  }),
});

function exact(
  { batch, summed, m, n, k, stepA, stepB }: ReturnType<typeof matmulSizes>,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
  a: Float32Array,
  b: Float32Array,
): Float64Array {
  const y = new Float64Array(batch * m * n);
  for (let i = 0; i < y.length; i++) {
    const [matrix, row, column] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
    for (let s = matrix * summed; s < (matrix + 1) * summed; s++) {
      for (let depth = 0; depth < k; depth++) {
        const left = a[s * stepA + (transposeA ? depth * m + row : row * k + depth)];
        const right = b[s * stepB + (transposeB ? column * k + depth : depth * n + column)];
        y[i] += left * right;
      }
    }
  }
  return y;
}
