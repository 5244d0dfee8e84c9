/** Products by a variant of the family: forms that stand in the place of what suits the adapter by default. */
import { splitsWorthTrying, startsAtVectors } from '../../src/engine/candidates.ts';
import type { Product, ProductForm } from '../../src/graph/op.ts';
import type { FormTable } from '../../src/plan/lower.ts';
import { type Variant, variantName } from '../kernels/family.ts';

/** A variant's ways to compute a product: whole and, where its results are few, with the inner axis cut. */
export function formsOf(variant: Variant, product: Product): ProductForm[] {
  const { tile, depth } = variant;
  return splitsWorthTrying(product, variant).map(splits => ({
    shader: variantName(variant, startsAtVectors(product) ? 'vectors' : 'scalars'),
    constants: {
      TRANSPOSE_A: Number(product.transposeA),
      TRANSPOSE_B: Number(product.transposeB),
    },
    tile,
    depth,
    splits,
  }));
}

/** A table that has one form for every product. */
export const always = (form: ProductForm): FormTable => ({
  name: form.shader,
  entries: new Map(),
  otherwise: () => form,
});
