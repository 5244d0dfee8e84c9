/**
 * Stored numbers as what they stand for: signs, missing values, limits and packing by the CF conventions (sections 2.5 and
 * 8.1) and the attribute conventions of the NetCDF User's Guide (appendix A).
 */
import { type Attributes, numberAttribute, textAttribute } from './attributes.ts';

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
  return stored => stored;
}

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

/** @returns what a stored number stands for, NaN where it is missing */
export function unpacker(attributes: Attributes, type: StoredType): (stored: number) => number {
  const scale = numberAttribute(attributes, 'scale_factor') ?? 1;
  const shift = numberAttribute(attributes, 'add_offset') ?? 0;
  const signed = signOf(attributes, type);
  // An attribute of double precision must still match values stored in single.
  const asStored = type.kind === 'float' && type.bytes === 4 ? Math.fround : signed;
  const named = numbersOf(attributes, ['_FillValue', 'missing_value']);
  if (!attributes.has('_FillValue') && type.defaultFill !== undefined) named.push(type.defaultFill);
  const missing = named.map(asStored);
  const { limits, areStored } = limitsOf(attributes, type);
  const stored = areStored ? { low: asStored(limits.low), high: asStored(limits.high) } : noLimits;
  const physical = areStored ? noLimits : limits;
  const isUnlimited = [limits.low, limits.high].every(limit => !Number.isFinite(limit));
  if (isUnlimited && missing.length === 0) {
    return number => {
      const value = signed(number);
      return Number.isFinite(value) ? value * scale + shift : Number.NaN;
    };
  }
  // Most have one or none; searching a list takes longer than all else here.
  const [first = Number.NaN, ...others] = missing;
  return number => {
    const value = signed(number);
    if (!Number.isFinite(value) || value === first) return Number.NaN;
    if (others.length > 0 && others.includes(value)) return Number.NaN;
    if (value < stored.low || value > stored.high) return Number.NaN;
    const unpacked = value * scale + shift;
    return unpacked < physical.low || unpacked > physical.high ? Number.NaN : unpacked;
  };
}
