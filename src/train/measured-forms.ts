/**
 * The measured forms of products that a run keeps, by the adapter that they were measured on. They come from files and
 * peers, so they are checked for what can be read; which of them the plans can use is for `fittingForms` to say.
 */
import * as v from 'valibot';
import type { MeasuredForms } from '../engine/tuner.ts';
import type { ProductForm } from '../graph/op.ts';

/** By `adapterIdentity`. */
export type FormsByAdapter = Readonly<Record<string, MeasuredForms>>;

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

/** What a file holds, which anybody may have written: nothing where it is not forms by adapter. */
export function readForms(value: unknown): FormsByAdapter {
  const { success, output } = v.safeParse(formsByAdapterSchema, value);
  return success ? output : {};
}

/** The forms of one adapter. */
export const formsOn = (adapter: string, forms: FormsByAdapter): MeasuredForms =>
  Object.hasOwn(forms, adapter) ? forms[adapter] : [];

/** All of both; of a class that is in both, the form that `first` has. */
export const joinedForms = (first: MeasuredForms, other: MeasuredForms): MeasuredForms => [
  ...new Map([...other, ...first]),
];

/** So, adapter by adapter. */
export function joinedByAdapter(first: FormsByAdapter, other: FormsByAdapter): FormsByAdapter {
  const adapters = new Set([...Object.keys(other), ...Object.keys(first)]);
  return Object.fromEntries(
    [...adapters].map(adapter => [adapter, joinedForms(formsOn(adapter, first), formsOn(adapter, other))]),
  );
}
