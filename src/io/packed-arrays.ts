/** Typed arrays and a head of plain values in one array of bytes, to be kept and read again to the last bit. */
import * as v from 'valibot';
import { count, type Fields, word } from './schemas.ts';

const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const;
type Kind = keyof typeof kinds;
export type PackedArray = Float32Array | Float64Array | Int32Array | Uint8Array;
type Arrays = Readonly<Record<string, PackedArray>>;

interface Entry {
  readonly name: string;
  readonly kind: Kind;
  readonly length: number;
}

const kindOf = (array: PackedArray): Kind => {
  if (array instanceof Float32Array) return 'f32';
  if (array instanceof Float64Array) return 'f64';
  return array instanceof Int32Array ? 'i32' : 'u8';
};

/** Arrays begin at multiples of their elements' size. */
const aligned = (at: number) => Math.ceil(at / 8) * 8;

/** @param head what JSON carries */
export function packArrays(head: object, arrays: Arrays): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(arrays).map(
    ([name, array]): Entry => ({ name, kind: kindOf(array), length: array.length }),
  );
  const json = new TextEncoder().encode(JSON.stringify({ head, entries }));
  const first = aligned(8 + json.length);
  const size = Object.values(arrays).reduce((at, { byteLength }) => aligned(at + byteLength), first);
  const out = new Uint8Array(size);
  new DataView(out.buffer).setUint32(0, json.length, true);
  out.set(json, 8);
  let at = first;
  for (const array of Object.values(arrays)) {
    out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at = aligned(at + array.byteLength);
  }
  return out;
}

/** @throws RangeError where the bytes are cut off or are something else */
export function unpackArrays(bytes: Uint8Array): { readonly head: unknown; readonly arrays: Arrays } {
  const headLength =
    bytes.length < 8 ? bytes.length : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (8 + headLength > bytes.length) throw new RangeError(`${bytes.length} bytes are no packed arrays.`);
  const { head, entries } = parsed(bytes.subarray(8, 8 + headLength));
  const arrays: Record<string, PackedArray> = {};
  let at = aligned(8 + headLength);
  for (const { name, kind, length } of entries) {
    const end = at + length * kinds[kind].BYTES_PER_ELEMENT;
    if (end > bytes.length)
      throw new RangeError(`${name} is cut off: it ends at byte ${end} of ${bytes.length}.`);
    arrays[name] = new kinds[kind](bytes.slice(at, end).buffer);
    at = aligned(end);
  }
  return { head, arrays };
}

const packed = v.object({
  head: v.unknown(),
  entries: v.array(
    v.object({
      name: word,
      kind: v.picklist(['f32', 'f64', 'i32', 'u8']),
      length: count,
    } satisfies Fields<Entry>),
  ),
});

function parsed(json: Uint8Array): v.InferOutput<typeof packed> {
  try {
    return v.parse(packed, JSON.parse(new TextDecoder().decode(json)));
  } catch (error) {
    throw new RangeError('These bytes are no packed arrays: their head cannot be read.', { cause: error });
  }
}
