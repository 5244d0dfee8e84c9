/**
 * Structured values as bytes, for calls between ranks: JSON, with typed arrays beside it as they lie in memory. Links
 * carry bytes only, so that a rank in the next worker and one on another machine are called alike.
 */
import { FrameError } from '../net/frame-error.ts';

const arrayTypes = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array } as const;
type TypeName = keyof typeof arrayTypes;

interface Slot {
  readonly type: TypeName;
  readonly length: number;
}

/** Arrays begin at multiples of this, the largest element. */
const ALIGNMENT = 8;
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
/** Keys of objects that stand for what JSON lacks: an array, by its number, and a number that is not finite. */
const ARRAY_KEY = '$array';
const NUMBER_KEY = '$number';

/**
 * @param offset bytes to leave free at the beginning
 * @param value plain objects, arrays, strings, numbers and typed arrays
 * @throws TypeError where there is an array of another type in it
 */
export function pack(value: unknown, offset = 0): ArrayBuffer {
  const arrays: ArrayBufferView[] = [];
  const slots: Slot[] = [];
  const body = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return { [NUMBER_KEY]: String(item) };
    if (!ArrayBuffer.isView(item)) return item;
    const { name } = item.constructor;
    if (!isTypeName(name)) throw new TypeError(`a ${name} cannot be sent to another rank`);
    slots.push({ type: name, length: item.byteLength / arrayTypes[name].BYTES_PER_ELEMENT });
    return { [ARRAY_KEY]: arrays.push(item) - 1 };
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

/** @throws FrameError where the bytes were not made by `pack`. */
export function unpack(buffer: ArrayBuffer, offset = 0): unknown {
  try {
    return unpackUnchecked(buffer, offset);
  } catch (error) {
    throw new FrameError(`a message that cannot be read (${(error as Error).message})`);
  }
}

function unpackUnchecked(buffer: ArrayBuffer, offset: number): unknown {
  const textBytes = new DataView(buffer).getUint32(offset, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, offset + ALIGNMENT, textBytes));
  const { slots, body } = JSON.parse(text) as { slots: Slot[]; body: string };
  let at = offset + aligned(ALIGNMENT + textBytes);
  const arrays = slots.map(({ type, length }) => {
    if (!isTypeName(type)) throw new Error(`it has an array of type ${String(type)}`);
    const bytes = length * arrayTypes[type].BYTES_PER_ELEMENT;
    // Before anything of that size is made.
    if (!(bytes >= 0 && at + bytes <= buffer.byteLength)) {
      throw new Error(`it ends at byte ${buffer.byteLength}, within an array of ${bytes} bytes`);
    }
    // A copy, so that the array owns its memory and is aligned whatever the offset was.
    const array = new arrayTypes[type](buffer.slice(at, at + bytes));
    at += aligned(bytes);
    return array;
  });
  return JSON.parse(body, (_, item: unknown) => {
    if (item === null || typeof item !== 'object') return item;
    if (NUMBER_KEY in item) return Number(item[NUMBER_KEY]);
    if (!(ARRAY_KEY in item)) return item;
    const number = item[ARRAY_KEY];
    // By a number alone: lists have more than their items, `map` and `length` for instance.
    const array = typeof number === 'number' ? arrays[number] : undefined;
    if (!array) throw new Error(`it has no array ${String(item[ARRAY_KEY])}`);
    return array;
  });
}

function isTypeName(name: unknown): name is TypeName {
  return typeof name === 'string' && Object.hasOwn(arrayTypes, name);
}
