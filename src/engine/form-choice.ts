/**
 * Which forms the products of a plan have: the usual ones of a device, or measured ones that fit it. Measuring them is for
 * `tuner.ts`, which is loaded where there is something to measure.
 */
import type { Gpu } from '../gpu/device.ts';
import type { Product, ProductForm } from '../graph/op.ts';
import { type FormTable, formOf, shapeClass } from '../plan/lower.ts';
import { isDispatch, type Plan } from '../plan/plan.ts';
import type { Candidates } from './candidates.ts';

/** Measured forms by class of shapes: what is kept of a table. */
export type MeasuredForms = readonly (readonly [shapeClass: string, form: ProductForm])[];

export interface FormChoice {
  /** The table that is used without tuning. */
  readonly usual: FormTable;
  readonly candidates: Candidates;
}

/** A form for every class of the plans: the usual one. */
export const usualForms = (plans: readonly Plan[], usual: FormTable): MeasuredForms =>
  [...classesOf(plans)].map(([name, product]) => [name, formOf(usual, product)]);

/**
 * Those of `forms` that are of use for the plans: of their classes, and such as the tuner could have chosen here.
 * Whatever else a file or a peer may say of a form is passed over.
 */
export function fittingForms(
  plans: readonly Plan[],
  { usual, candidates }: FormChoice,
  forms: MeasuredForms,
): MeasuredForms {
  const found = new Map(forms);
  return [...classesOf(plans)].flatMap(([name, product]) => {
    const form = found.get(name);
    const own = form && [formOf(usual, product), ...candidates(product)].find(other => isSame(form, other));
    return own ? [[name, own] as const] : [];
  });
}

/** The constants follow from the rest, and from the product. */
const isSame = (a: ProductForm, b: ProductForm): boolean =>
  a.shader === b.shader &&
  a.tile.every((length, axis) => length === b.tile[axis]) &&
  a.depth === b.depth &&
  a.splits === b.splits;

/** The table of `usual` with measured forms in it. */
export function withMeasured(usual: FormTable, measured: MeasuredForms): FormTable {
  return { ...usual, name: `${usual.name}, measured`, entries: new Map(measured) };
}

/** What tells adapters apart as far as speed goes: results of one are of no use on another. */
export function adapterIdentity({ info, limits }: Gpu): string {
  const { vendor, architecture, device, description } = info;
  return [vendor, architecture, device, description, limits.maxComputeWorkgroupStorageSize].join(' | ');
}

/** A product of every class of the plans, those with most work in all of them together first. */
export function classesOf(plans: readonly Plan[]): ReadonlyMap<string, Product> {
  const found = new Map<string, { product: Product; work: number }>();
  for (const { of: product } of plans
    .flatMap(plan => plan.steps.filter(isDispatch))
    .flatMap(step => step.product ?? [])) {
    const name = shapeClass(product);
    const { batch, summed, m, n, k } = product;
    found.set(name, { product, work: batch * summed * m * n * k + (found.get(name)?.work ?? 0) });
  }
  const sorted = [...found].sort(([, one], [, other]) => other.work - one.work);
  return new Map(sorted.map(([name, { product }]) => [name, product]));
}
