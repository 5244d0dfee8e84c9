/**
 * Stored numbers as what they stand for: signs, missing values, limits and packing by the CF conventions (sections 2.5 and
 * 8.1) and the attribute conventions of the NetCDF User's Guide (appendix A).
 */
import { type Attributes, numberAttribute, textAttribute } from './attributes.ts';
import type { Stretch } from './stretches.ts';

/** What a variable is stored as. */
export interface StoredType {
  readonly kind: 'signed' | 'unsigned' | 'float';
  readonly bytes: number;
  /** What the library writes where nothing was written, for a variable that names no fill value of its own. */
  readonly defaultFill?: number;
}

/** The values of numeric attributes; of text none. */
const numbersOf = (attributes: Attributes, names: readonly string[]): number[] =>
  names.flatMap(name => {
    const value = attributes.get(name);
    return value === undefined || typeof value === 'string' ? [] : Array.from(value);
  });

/**
 * Classic files and some stores have no unsigned numbers: `_Unsigned` says that they are meant so, in their fill values and
 * limits too. Of unsigned ones it may say the opposite.
 */
function signOf(attributes: Attributes, { kind, bytes }: StoredType): (stored: number) => number {
  const means = textAttribute(attributes, '_Unsigned').trim().toLowerCase();
  const values = 2 ** (8 * bytes);
  if (kind === 'signed' && means === 'true') return stored => (stored < 0 ? stored + values : stored);
  if (kind === 'unsigned' && means === 'false') {
    return stored => (stored >= values / 2 ? stored - values : stored);
  }
  return asIs;
}

const asIs = (stored: number) => stored;

interface Limits {
  readonly low: number;
  readonly high: number;
}

const noLimits: Limits = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Those of `valid_range`, `valid_min` and `valid_max`, and whether they are of stored numbers or of what these stand for. */
function limitsOf(
  attributes: Attributes,
  { kind, bytes }: StoredType,
): { readonly limits: Limits; readonly areStored: boolean } {
  const range = attributes.get('valid_range');
  const isRange = range !== undefined && typeof range !== 'string' && range.length === 2;
  const [low, high] = isRange
    ? [range[0], range[1]]
    : [numberAttribute(attributes, 'valid_min'), numberAttribute(attributes, 'valid_max')];
  const given = [low, high].filter(limit => limit !== undefined && !Number.isNaN(limit));
  // Limits of another type than whole numbers are stored in cannot be meant of these.
  const isOther = ['valid_range', 'valid_min', 'valid_max'].some(name => {
    const value = attributes.get(name);
    return value instanceof Float32Array || value instanceof Float64Array;
  });
  const most = 2 ** (8 * bytes);
  const fits = given.every(limit => Number.isInteger(limit) && Math.abs(Number(limit)) < most);
  return {
    limits: {
      low: low === undefined || Number.isNaN(low) ? noLimits.low : low,
      high: high === undefined || Number.isNaN(high) ? noLimits.high : high,
    },
    areStored: kind === 'float' || (fits && !isOther),
  };
}

/** How stored numbers are unpacked, found out once for a variable. */
export interface Packing {
  readonly signed: (stored: number) => number;
  /** Stored numbers that stand for nothing: most variables have one or none. */
  readonly fill: number;
  readonly otherFills: readonly number[];
  /** Of stored numbers, and of what they stand for. */
  readonly stored: Limits;
  readonly physical: Limits;
  readonly scale: number;
  readonly shift: number;
  /** Signs are as stored, and there is no more than one fill value. */
  readonly isPlain: boolean;
}

export function packingOf(attributes: Attributes, type: StoredType): Packing {
  const signed = signOf(attributes, type);
  // An attribute of double precision must still match values stored in single.
  const asStored = type.kind === 'float' && type.bytes === 4 ? Math.fround : signed;
  const named = numbersOf(attributes, ['_FillValue', 'missing_value']);
  if (!attributes.has('_FillValue') && type.defaultFill !== undefined) named.push(type.defaultFill);
  const [fill = Number.NaN, ...otherFills] = new Set(named.map(asStored));
  const { limits, areStored } = limitsOf(attributes, type);
  return {
    signed,
    fill,
    otherFills,
    stored: areStored ? { low: asStored(limits.low), high: asStored(limits.high) } : noLimits,
    physical: areStored ? noLimits : limits,
    scale: numberAttribute(attributes, 'scale_factor') ?? 1,
    shift: numberAttribute(attributes, 'add_offset') ?? 0,
    isPlain: signed === asIs && otherFills.length === 0,
  };
}

/** @returns what a stored number stands for, NaN where it is missing */
export function unpacker(attributes: Attributes, type: StoredType): (stored: number) => number {
  const packing = packingOf(attributes, type);
  return stored => unpackOne(packing, stored);
}

/** What a stored number stands for, NaN where it is missing. */
export function unpackOne(packing: Packing, number: number): number {
  const { fill, otherFills, stored, physical } = packing;
  const value = packing.signed(number);
  if (!Number.isFinite(value) || value === fill) return Number.NaN;
  if (otherFills.length > 0 && otherFills.includes(value)) return Number.NaN;
  if (value < stored.low || value > stored.high) return Number.NaN;
  const unpacked = value * packing.scale + packing.shift;
  return unpacked < physical.low || unpacked > physical.high ? Number.NaN : unpacked;
}

/**
 * As `unpackOne` of each value of a stretch, from stored ones to where they go: in one loop without calls, for it is run for every value
 * that a model trains on.
 *
 * @param at added to the stretch's place in `out`; `start` to that in `stored`
 */
export function unpackStretch(
  packing: Packing,
  stored: ArrayLike<number>,
  start: number,
  out: Float32Array,
  at: number,
  { from, to, count, fromStep, toStep }: Stretch,
): void {
  const { isPlain, fill, scale, shift } = packing;
  const [low, high] = [Math.max(packing.stored.low, -LARGEST), Math.min(packing.stored.high, LARGEST)];
  const { low: least, high: most } = packing.physical;
  let [read, write] = [start + from, at + to];
  for (let i = 0; i < count; i++, read += fromStep, write += toStep) {
    const value = stored[read];
    let unpacked = Number.NaN;
    if (!isPlain) unpacked = unpackOne(packing, value);
    else if (value >= low && value <= high && value !== fill) {
      unpacked = value * scale + shift;
      if (unpacked < least || unpacked > most) unpacked = Number.NaN;
    }
    out[write] = unpacked;
  }
}

/** What is larger, or no number, stands for nothing. */
const LARGEST = Number.MAX_VALUE;
