/**
 * The choice of the form in which products are computed, as a pass over a plan: what a plan shows is what runs. A table
 * of forms has an entry for every class of shapes that was measured on an adapter, and a rule for all others.
 */
import { productKernels, straightForm, tiledForm } from '../graph/kernels/matmul.ts';
import type { Product, ProductForm } from '../graph/op.ts';
import type { Patches, Walk } from '../graph/patches.ts';
import {
  type Buffer,
  type DispatchStep,
  isDispatch,
  type Placement,
  type Plan,
  type PlanStep,
  planStep,
} from './plan.ts';

export interface FormTable {
  readonly name: string;
  /** By `shapeClass`. */
  readonly entries: ReadonlyMap<string, ProductForm>;
  readonly otherwise: (product: Product) => ProductForm;
}

/**
 * What a measured form holds for: sizes, how the operands lie, and whether the inner axis may be cut, so that a form which
 * one product of a class can have, all can. What is added to a result changes little otherwise.
 */
export function shapeClass(product: Product): string {
  const { batch, summed, m, n, k, transposeA, transposeB, bias, finish, patches } = product;
  const layout = `${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'}`;
  const whole = bias !== 'none' || finish ? ' whole' : '';
  const matrices = `${m}x${n}x${k} ${layout} batch ${batch} summed ${summed}${whole}`;
  return patches ? `${matrices} patches ${patchesClass(patches)}` : matrices;
}

function patchesClass({ images, channels, rows, columns }: Patches): string {
  const walk = ({ length, positions, taps, scale, offset, step }: Walk) =>
    [length, positions, taps, scale, offset, step].join(',');
  return `${images}x${channels} ${walk(rows)} ${walk(columns)}`;
}

export function formOf(table: FormTable, product: Product): ProductForm {
  return table.entries.get(shapeClass(product)) ?? table.otherwise(product);
}

/** In tiles of workgroup memory, as suits GPUs: what `compile` chooses. */
export const tiles: FormTable = { name: 'tiles', entries: new Map(), otherwise: tiledForm };

/** The workgroups and splits of the tiles, but each made by a shader of its own that takes the tile's edge. */
function inTilesOf(name: string): FormTable {
  const otherwise = (product: Product): ProductForm => {
    if (product.patches) return straightForm(product, product.patches, name);
    const form = tiledForm(product);
    return { ...form, shader: `matmul_${name}`, constants: { TILE: form.tile[0] } };
  };
  return { name, entries: new Map(), otherwise };
}

/**
 * Straight from the operands: for adapters that compute on the CPU, where workgroup memory and barriers cost more than
 * they save.
 */
export const direct = inTilesOf('direct');

/** So, but subgroups of four share what they load. */
export const lanes = inTilesOf('lanes');

/**
 * The plan with every product in the form of the table; what is computed differs in its rounding at most.
 *
 * @throws Error where a form splits a product that cannot be split
 */
export function lower(plan: Plan, table: FormTable): Plan {
  let partialBytes = 0;
  const steps = plan.steps.flatMap((step, index) => {
    // The sum of partial results is made anew with its product.
    if (isSplit(plan.steps[index - 1])) return [];
    if (!isDispatch(step) || !step.product) return [step];
    const chosen = formOf(table, step.product.of);
    const places = placesOf(step, isSplit(step) ? plan.steps[index + 1] : step, chosen);
    if (places.partials?.space === PARTIALS) {
      partialBytes = Math.max(partialBytes, places.partials.bytes);
    }
    return productKernels(step.product.of, chosen).kernels.map(kernel => {
      const bound = kernel.operands.map((operand, index) => {
        if (operand.kind === 'unused') return null;
        if (operand.kind === 'output') return places.result;
        // All forms take what they read, and a further result, in the same order.
        return operand.kind === 'scratch' ? places.partials : step.operands[index];
      });
      return planStep(kernel, bound, step);
    });
  });
  const partials: Buffer[] = [{ bytes: partialBytes, label: 'partial results of products' }];
  return {
    ...plan,
    steps,
    spaces: { ...plan.spaces, ...(partialBytes > 0 ? { [PARTIALS]: partials } : {}) },
  };
}

/** Partial results that find no room where those of the form before lay: one product at a time needs them. */
const PARTIALS = 'partials';

/** @param last the step that writes the result: the product's own, or its sum of partial results */
function placesOf(product: DispatchStep, last: PlanStep, chosen: ProductForm) {
  if (!product.product || !isDispatch(last))
    throw new Error(`${product.label}: no sum of its partial results`);
  const written = product.operands[product.operands.length - 1];
  const { m, n } = product.product.of;
  const bytes = 4 * chosen.splits * m * n;
  const fits = isSplit(product) && written && written.bytes >= bytes;
  const partials: Placement = fits
    ? { space: written.space, block: written.block, offset: written.offset, bytes }
    : { space: PARTIALS, block: 0, offset: 0, bytes };
  return {
    result: last.operands[last.operands.length - 1],
    partials: chosen.splits > 1 ? partials : null,
  };
}

/** Whether a step is a product whose partial results the next step sums. */
function isSplit(step: PlanStep | undefined): boolean {
  return step?.kind === 'dispatch' && step.product !== undefined && step.product.form.splits > 1;
}
