/**
 * Tuning switched on for the software adapter of the tests, with one candidate a product: its usual form, but with the inner
 * axis cut in two. That rounds differently, so losses tell which forms a run was computed in.
 */

import type { MeasuredForms } from '../../../src/engine/form-choice.ts';
import { formsFor } from '../../../src/engine/forms.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import type { Product, ProductForm } from '../../../src/graph/op.ts';
import type { FormStore, Tuning } from '../../../src/parallel/tuning.ts';
import { formOf } from '../../../src/plan/lower.ts';
import type { FormsByAdapter } from '../../../src/train/measured-forms.ts';

export function splitsOf(gpu: Gpu, product: Product): ProductForm[] {
  const form = formOf(formsFor(gpu), product);
  const { batch, bias, finish, summed, k } = product;
  const slices = summed * Math.ceil(k / form.depth);
  const isCut = batch === 1 && bias === 'none' && !finish && slices >= 2;
  return isCut ? [{ ...form, splits: form.splits === 2 ? 1 : 2 }] : [];
}

export const splitTuning = (store: FormStore): Tuning => ({
  candidatesFor: gpu => product => splitsOf(gpu, product),
  store,
});

/** Keeps tables in memory. */
export function memoryStore(kept: FormsByAdapter = {}): FormStore & { kept: FormsByAdapter } {
  let last: Promise<unknown> = Promise.resolve();
  return {
    kept,
    alone(_, work) {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
    async read() {
      return this.kept;
    },
    async write(adapter: string, forms: MeasuredForms) {
      this.kept = { ...this.kept, [adapter]: forms };
    },
  };
}
