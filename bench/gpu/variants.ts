/** Products by a variant of the family, as plans that stand in the place of what `compile` chose. */
import { lineOfWorkgroups } from '../../src/graph/op.ts';
import { isDispatch, type Placement, type Plan, planStep } from '../../src/plan/plan.ts';
import { type Loads, type Variant, variantName } from '../kernels/family.ts';
import type { Product } from './models.ts';
import { productPlan } from './products.ts';

/** A variant, and the ways in which it cuts the inner axis. */
export interface Candidate {
  readonly name: string;
  readonly plan: Plan;
}

/** Fewer workgroups than this may leave a large GPU idle, so cutting the inner axis is worth a try. */
const FEW_WORKGROUPS = 512;
/** Slices that a split keeps at least. */
const LEAST_SLICES = 8;

/** A variant's ways to compute a product: whole and, where its results are few, split. */
export function candidatesOf(product: Product, variant: Variant): Candidate[] {
  const whole = productPlan(product);
  const [first] = whole.steps.filter(isDispatch);
  // As the product's own kernel has it: batches are folded into rows where that is possible.
  const [m, n, k, summed, stepA, stepB, , ownSplits] = first.params;
  const batch = first.workgroups[2] / ownSplits;
  const { transposeA, transposeB } = product.attributes;
  const lines = [transposeA ? m : k, transposeB ? k : n, n, stepA, stepB];
  const loads: Loads = lines.every(length => length % 4 === 0) ? 'vectors' : 'scalars';
  const shader = variantName(variant, loads);
  const tiles = [Math.ceil(n / variant.tile[1]), Math.ceil(m / variant.tile[0])];
  const depths = summed * Math.ceil(k / variant.depth);
  const splittable = batch === 1 && tiles[0] * tiles[1] < FEW_WORKGROUPS;
  const ways = [1, 2, 4, 8, 16].filter(
    splits => splits === 1 || (splittable && depths >= LEAST_SLICES * splits),
  );
  const y = whole.outputs.get('y')!;
  return ways.map(splits => {
    const partials: Placement = { space: 'partials', block: 0, offset: 0, bytes: 4 * m * n * splits };
    const step = planStep(
      shader,
      {
        shader,
        constants: { TRANSPOSE_A: Number(transposeA), TRANSPOSE_B: Number(transposeB) },
        params: [
          ...[m, n, k, summed, stepA, stepB, Math.ceil(depths / splits), splits],
          ...[0, Number(transposeA), Number(transposeB), 0],
        ],
        workgroups: [tiles[0], tiles[1], batch * splits],
      },
      [whole.inputs.get('a')!, whole.inputs.get('b')!, null, splits > 1 ? partials : y],
    );
    if (splits === 1) return { name: shader, plan: { ...whole, steps: [step] } };
    const added = planStep(
      'partials',
      { shader: 'partials', params: [m * n, splits], workgroups: lineOfWorkgroups(m * n, 64) },
      [partials, y],
    );
    const spaces = { ...whole.spaces, partials: [{ bytes: partials.bytes, label: 'partial results' }] };
    return { name: `${shader} split ${splits}`, plan: { ...whole, spaces, steps: [step, added] } };
  });
}
