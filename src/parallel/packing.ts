/**
 * Structured values as bytes, for calls between ranks: JSON, with typed arrays beside it as they lie in memory. Links
 * carry bytes only, so that a rank in the next worker and one on another machine are called alike.
 */

const arrayTypes = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array } as const;
type TypeName = keyof typeof arrayTypes;

interface Slot {
  readonly type: TypeName;
  readonly length: number;
}

/** Arrays begin at multiples of this, the largest element. */
const ALIGNMENT = 8;
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
const KEY = '$array';
/** JSON has no NaN, which a loss that was never measured is. */
const NOT_A_NUMBER = { $nan: true };

/**
 * @param offset bytes to leave free at the beginning
 * @param value plain objects, arrays, strings, numbers and typed arrays
 */
export function pack(value: unknown, offset = 0): ArrayBuffer {
  const arrays: ArrayBufferView[] = [];
  const slots: Slot[] = [];
  const body = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number' && Number.isNaN(item)) return NOT_A_NUMBER;
    if (!ArrayBuffer.isView(item)) return item;
    const type = item.constructor.name as TypeName;
    slots.push({ type, length: (item as Uint8Array).length });
    return { [KEY]: arrays.push(item) - 1 };
  });
  const text = new TextEncoder().encode(JSON.stringify({ slots, body: body ?? 'null' }));
  const start = offset + aligned(ALIGNMENT + text.byteLength);
  const total = arrays.reduce((end, array) => end + aligned(array.byteLength), start);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(offset, text.byteLength, true);
  bytes.set(text, offset + ALIGNMENT);
  let at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += aligned(array.byteLength);
  }
  return bytes.buffer;
}

/** @throws RangeError or SyntaxError where the bytes were not made by `pack`. */
export function unpack(buffer: ArrayBuffer, offset = 0): unknown {
  const textBytes = new DataView(buffer).getUint32(offset, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, offset + ALIGNMENT, textBytes));
  const { slots, body } = JSON.parse(text) as { slots: Slot[]; body: string };
  let at = offset + aligned(ALIGNMENT + textBytes);
  const arrays = slots.map(({ type, length }) => {
    const bytes = length * arrayTypes[type].BYTES_PER_ELEMENT;
    // A copy, so that the array owns its memory and is aligned whatever the offset was.
    const array = new arrayTypes[type](buffer.slice(at, at + bytes));
    at += aligned(bytes);
    return array;
  });
  return JSON.parse(body, (_, item: unknown) => {
    if (item === null || typeof item !== 'object') return item;
    if ('$nan' in item) return Number.NaN;
    return KEY in item ? arrays[item[KEY] as number] : item;
  });
}
