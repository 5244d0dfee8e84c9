/**
 * What values that come from another browser must be: numbers and their ranges, texts and their lengths, arrays. Schemas of
 * messages are made of these.
 */
import * as v from 'valibot';

export type Schema<T> = v.GenericSchema<unknown, T>;
/** A schema for every field of a type, so that none is forgotten which is added to it. */
export type Fields<T> = { readonly [K in keyof T]-?: Schema<T[K]> };

export const most = 2 ** 32 - 1;
export const whole = (least: number, highest: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(highest));
export const count = whole(0, Number.MAX_SAFE_INTEGER);
export const size = whole(1, 2 ** 31);
/** -1 stands for padding. */
export const index = whole(-1, 2 ** 31);
export const indices = v.array(index);
export const real = v.pipe(v.number(), v.finite());
export const positive = v.pipe(real, v.minValue(0));
/** One that may be no number, as the loss before the first step, or not finite. */
export const anyNumber = v.custom<number>(value => typeof value === 'number', 'no number');
export const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
export const word = text(500);
export const address = v.pipe(text(4000), v.regex(/^https?:\/\//, 'no http(s) address'));

export const floats = v.custom<Float32Array<ArrayBuffer>>(
  value => value instanceof Float32Array,
  'no Float32Array',
);
export const integers = v.custom<Int32Array>(value => value instanceof Int32Array, 'no Int32Array');
export const bytes = v.custom<Uint8Array<ArrayBuffer>>(value => value instanceof Uint8Array, 'no Uint8Array');

export const hasKey = (value: unknown, key: string) =>
  typeof value === 'object' && value !== null && key in value;
