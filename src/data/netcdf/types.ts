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

/** Numbers of a type that lie in a buffer from a byte on, a multiple of their size. */
type View = (buffer: ArrayBuffer, from: number, count: number) => NetcdfArray;
const of = (view: View): View => view;

/** What each external type is in memory. 64-bit integers become doubles, exact up to 2^53. */
export const externalTypes = {
  byte: { code: 1, size: 1, view: of((b, at, n) => new Int8Array(b, at, n)) },
  char: { code: 2, size: 1, view: of((b, at, n) => new Uint8Array(b, at, n)) },
  short: { code: 3, size: 2, view: of((b, at, n) => new Int16Array(b, at, n)) },
  int: { code: 4, size: 4, view: of((b, at, n) => new Int32Array(b, at, n)) },
  float: { code: 5, size: 4, view: of((b, at, n) => new Float32Array(b, at, n)) },
  double: { code: 6, size: 8, view: of((b, at, n) => new Float64Array(b, at, n)) },
  ubyte: { code: 7, size: 1, view: of((b, at, n) => new Uint8Array(b, at, n)) },
  ushort: { code: 8, size: 2, view: of((b, at, n) => new Uint16Array(b, at, n)) },
  uint: { code: 9, size: 4, view: of((b, at, n) => new Uint32Array(b, at, n)) },
  int64: {
    code: 10,
    size: 8,
    view: of((b, at, n) => Float64Array.from(new BigInt64Array(b, at, n), Number)),
  },
  uint64: {
    code: 11,
    size: 8,
    view: of((b, at, n) => Float64Array.from(new BigUint64Array(b, at, n), Number)),
  },
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

/** Values of a type from their bytes in the file, which may be overwritten, and lie at a multiple of their size. */
export function valuesOf(type: NetcdfType, bytes: Uint8Array<ArrayBuffer>): NetcdfArray {
  const { size, view } = externalTypes[type];
  const count = Math.floor(bytes.length / size);
  toNativeOrder(bytes, size, count);
  return view(bytes.buffer, bytes.byteOffset, count);
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

/** Big-endian values to the machine's order, in place. WebGPU hosts are all little-endian. */
function toNativeOrder({ buffer, byteOffset }: Uint8Array<ArrayBuffer>, size: number, count: number): void {
  if (size === 2) {
    const halves = new Uint16Array(buffer, byteOffset, count);
    for (let i = 0; i < count; i++) halves[i] = (halves[i] << 8) | (halves[i] >>> 8);
  }
  if (size === 4) {
    const words = new Uint32Array(buffer, byteOffset, count);
    for (let i = 0; i < count; i++) words[i] = swapped(words[i]);
  }
  if (size === 8) {
    const words = new Uint32Array(buffer, byteOffset, 2 * count);
    for (let i = 0; i < 2 * count; i += 2) {
      const first = swapped(words[i]);
      words[i] = swapped(words[i + 1]);
      words[i + 1] = first;
    }
  }
}

const swapped = (word: number) =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
