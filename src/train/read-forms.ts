/**
 * Measured forms come from files and peers, so they are checked for what can be read; which of them the plans can use is for
 * `fittingForms` to say.
 */
import * as v from 'valibot';
import type { MeasuredForms } from '../engine/form-choice.ts';
import type { ProductForm } from '../graph/op.ts';
import type { FormsByAdapter } from './measured-forms.ts';

/** A run meets some dozen classes; a browser those of all its runs. */
export const MOST_FORMS = 10_000;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65_535));
const word = v.pipe(v.string(), v.maxLength(500));

const formSchema = v.object({
  shader: word,
  constants: v.record(word, v.pipe(v.number(), v.finite())),
  tile: v.tuple([whole, whole]),
  depth: whole,
  splits: whole,
}) satisfies v.GenericSchema<unknown, ProductForm>;

export const measuredFormsSchema: v.GenericSchema<unknown, MeasuredForms> = v.pipe(
  v.array(v.tuple([word, formSchema])),
  v.maxLength(MOST_FORMS),
);
export const formsByAdapterSchema: v.GenericSchema<unknown, FormsByAdapter> = v.record(
  word,
  measuredFormsSchema,
);

/** One adapter's; undefined where it is not forms. */
export function readMeasured(value: unknown): MeasuredForms | undefined {
  const { success, output } = v.safeParse(measuredFormsSchema, value);
  return success ? output : undefined;
}

/** What a file holds, which anybody may have written: nothing where it is not forms by adapter. */
export function readForms(value: unknown): FormsByAdapter {
  const { success, output } = v.safeParse(formsByAdapterSchema, value);
  return success ? output : {};
}
