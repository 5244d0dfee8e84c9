/**
 * The measured forms of products that a run keeps, by the adapter that they were measured on.
 */
import type { MeasuredForms } from '../engine/form-choice.ts';

/** By `adapterIdentity`. */
export type FormsByAdapter = Readonly<Record<string, MeasuredForms>>;

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
