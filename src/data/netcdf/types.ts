/** The external types of NetCDF classic files, and their values in memory. */
import type { StoredType } from '../cf/unpack.ts';

export type NetcdfArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export type NetcdfType = keyof typeof externalTypes;

/** What each external type is in memory. 64-bit integers become doubles, exact up to 2^53. */
export const externalTypes = {
  byte: { code: 1, size: 1, view: (b: ArrayBuffer): NetcdfArray => new Int8Array(b) },
  char: { code: 2, size: 1, view: (b: ArrayBuffer): NetcdfArray => new Uint8Array(b) },
  short: { code: 3, size: 2, view: (b: ArrayBuffer): NetcdfArray => new Int16Array(b) },
  int: { code: 4, size: 4, view: (b: ArrayBuffer): NetcdfArray => new Int32Array(b) },
  float: { code: 5, size: 4, view: (b: ArrayBuffer): NetcdfArray => new Float32Array(b) },
  double: { code: 6, size: 8, view: (b: ArrayBuffer): NetcdfArray => new Float64Array(b) },
  ubyte: { code: 7, size: 1, view: (b: ArrayBuffer): NetcdfArray => new Uint8Array(b) },
  ushort: { code: 8, size: 2, view: (b: ArrayBuffer): NetcdfArray => new Uint16Array(b) },
  uint: { code: 9, size: 4, view: (b: ArrayBuffer): NetcdfArray => new Uint32Array(b) },
  int64: { code: 10, size: 8, view: (b: ArrayBuffer) => Float64Array.from(new BigInt64Array(b), Number) },
  uint64: { code: 11, size: 8, view: (b: ArrayBuffer) => Float64Array.from(new BigUint64Array(b), Number) },
};

/** Values the library writes where nothing was written. */
const DEFAULT_FILL: Partial<Record<NetcdfType, number>> = {
  short: -32_767,
  int: -2_147_483_647,
  float: Math.fround(9.969209968386869e36),
  double: 9.969209968386869e36,
};

/** See `unpacker`. */
export function storedType(type: NetcdfType): StoredType {
  const kind =
    type === 'float' || type === 'double' ? 'float' : /^u|^char/.test(type) ? 'unsigned' : 'signed';
  return { kind, bytes: externalTypes[type].size, defaultFill: DEFAULT_FILL[type] };
}

export const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** Values of a type from their bytes in the file, which may be overwritten. */
export function valuesOf(type: NetcdfType, bytes: Uint8Array<ArrayBuffer>): NetcdfArray {
  const { size, view } = externalTypes[type];
  return view(toNativeOrder(bytes, size));
}

const text = new TextDecoder();

/** Text without trailing zeros and blanks. */
export function textOf(bytes: Uint8Array): string {
  const whole = text.decode(bytes);
  let end = whole.length;
  // A regular expression would begin anew at each of the blanks that are not the last.
  while (end > 0 && /[\0\s]/.test(whole[end - 1])) end--;
  return whole.slice(0, end);
}

/** Big-endian values of `size` bytes to the machine's order, in place. WebGPU hosts are all little-endian. */
function toNativeOrder(bytes: Uint8Array<ArrayBuffer>, size: number): ArrayBuffer {
  if (size === 4 && bytes.byteOffset === 0) {
    const words = new Uint32Array(bytes.buffer);
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      words[i] = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
    }
    return bytes.buffer;
  }
  for (let at = 0; size > 1 && at < bytes.length; at += size) {
    for (let low = at, high = at + size - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
  return bytes.buffer;
}
