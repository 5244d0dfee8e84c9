/**
 * Fields in few bytes: every value as one of 16383 levels between the least and the greatest of its field, each as its
 * difference from the one before it, which lies beside it on the grid. Half of such bytes are nearly all alike, and gzip
 * makes little of them. A value is off by at most half a level: 1/32764 of what its field ranges over.
 */

const levels = 16_383;
/** Stands for what is no number. */
const none = levels + 1;

export interface PackedFields {
  /** Values of a field. */
  readonly size: number;
  /** Of every field. */
  readonly low: readonly number[];
  readonly step: readonly number[];
  /** The differences modulo 2^16: of all first the upper bytes, then the lower. */
  readonly codes: Uint8Array;
}

/** @param values [fields, size] */
export function packFields(values: Float32Array, size: number): PackedFields {
  const codes = new Uint8Array(2 * values.length);
  const [low, step]: number[][] = [[], []];
  for (let from = 0; from < values.length; from += size) {
    const field = values.subarray(from, from + size);
    const known = field.filter(Number.isFinite);
    const least = known.reduce((a, b) => Math.min(a, b), known[0] ?? 0);
    const width = known.reduce((a, b) => Math.max(a, b), least) - least;
    const each = width > 0 ? width / (levels - 1) : 1;
    low.push(least);
    step.push(each);
    let before = 0;
    field.forEach((value, i) => {
      const level = Number.isFinite(value) ? Math.round((value - least) / each) : none;
      const code = (level - before) & 0xffff;
      before = level;
      codes[from + i] = code >> 8;
      codes[values.length + from + i] = code & 0xff;
    });
  }
  return { size, low, step, codes };
}

/** @returns [fields, size] */
export function unpackFields({ size, low, step, codes }: PackedFields): Float32Array<ArrayBuffer> {
  const count = codes.length / 2;
  const values = new Float32Array(count);
  let level = 0;
  for (let i = 0; i < count; i++) {
    const field = Math.floor(i / size);
    if (i % size === 0) level = 0;
    level = (level + (codes[i] << 8) + codes[count + i]) & 0xffff;
    values[i] = level === none ? Number.NaN : low[field] + level * step[field];
  }
  return values;
}
