/** Products by a variant of the family: forms that stand in the place of what suits the adapter by default. */

import type { ProductForm, Product as ProductSizes } from '../../src/graph/op.ts';
import type { FormTable } from '../../src/plan/lower.ts';
import { type Loads, type Variant, variantName } from '../kernels/family.ts';

/** Fewer workgroups than this may leave a large GPU idle, so cutting the inner axis is worth a try. */
const FEW_WORKGROUPS = 512;
/** Slices that a split keeps at least. */
const LEAST_SLICES = 8;

/** A variant's ways to compute a product: whole and, where its results are few, with the inner axis cut. */
export function formsOf(variant: Variant, product: ProductSizes): ProductForm[] {
  const { batch, summed, m, n, k, stepA, stepB, transposeA, transposeB, bias } = product;
  // Where vectors begin: at every row of the operands and of the result, and at every matrix of a batch.
  const lines = [transposeA ? m : k, transposeB ? k : n, n, stepA, stepB];
  const loads: Loads = lines.every(length => length % 4 === 0) ? 'vectors' : 'scalars';
  const workgroups = Math.ceil(m / variant.tile[0]) * Math.ceil(n / variant.tile[1]);
  const slices = summed * Math.ceil(k / variant.depth);
  const splittable = batch === 1 && bias === 'none' && workgroups < FEW_WORKGROUPS;
  return [1, 2, 4, 8, 16]
    .filter(splits => splits === 1 || (splittable && slices >= LEAST_SLICES * splits))
    .map(splits => ({
      shader: variantName(variant, loads),
      constants: { TRANSPOSE_A: Number(transposeA), TRANSPOSE_B: Number(transposeB) },
      tile: variant.tile,
      depth: variant.depth,
      splits,
    }));
}

/** A table that has one form for every product. */
export const always = (form: ProductForm): FormTable => ({
  name: form.shader,
  entries: new Map(),
  otherwise: () => form,
});
