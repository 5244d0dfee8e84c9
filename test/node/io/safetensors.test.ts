import { describe, expect, test } from 'vitest';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../../src/io/safetensors.ts';

const tensors = new Map([
  ['blocks.0.weight', { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, Math.fround(0.1), 1e-38, -0) }],
  ['scalar', { shape: [], values: Float32Array.of(42) }],
  ['naïve 名', { shape: [3], values: Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 0) }],
]);
const metadata = { preset: 'tiny', note: 'ünïcode' };
const file = writeSafetensors(tensors, metadata);

/** A file with this header and `data` bytes after it. */
function withHeader(header: unknown, data = 8): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('round trip', () => {
  test('gives back every bit, name, shape and the metadata', () => {
    const back = readSafetensors(file);
    expect([...back.tensors.keys()]).toEqual([...tensors.keys()]);
    for (const [name, { shape, values }] of tensors) {
      expect(back.tensors.get(name)!.shape).toEqual(shape);
      expect(new Uint32Array(back.tensors.get(name)!.values.buffer)).toEqual(new Uint32Array(values.buffer));
    }
    expect(back.metadata).toEqual(metadata);
  });

  test('reads a file that lies at an odd place in a larger buffer', () => {
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    const back = readSafetensors(shifted.subarray(3));
    expect(back.tensors.get('scalar')!.values[0]).toBe(42);
  });

  test('writes a view of a larger array, and no tensors at all', () => {
    const values = Float32Array.of(7, 8, 9).subarray(1, 2);
    const back = readSafetensors(writeSafetensors(new Map([['x', { shape: [1], values }]]), {}));
    expect([...back.tensors.get('x')!.values]).toEqual([8]);
    expect(readSafetensors(writeSafetensors(new Map(), {})).tensors.size).toBe(0);
  });

  test('data begins at a multiple of 8 bytes, as the format asks', () => {
    expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });
});

test('float64 tensors are read as such', () => {
  const bytes = withHeader({ x: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } });
  new DataView(bytes.buffer).setFloat64(bytes.length - 8, Math.PI, true);
  expect(readSafetensors(bytes).tensors.get('x')!.values).toEqual(Float64Array.of(Math.PI));
});

test('a file cut off at any byte is refused', () => {
  for (let length = 0; length < file.length; length++) {
    expect(() => readSafetensors(file.subarray(0, length)), `${length} bytes`).toThrow(SafetensorsError);
  }
});

test('a cut tensor is named, with the bytes it needs and the bytes there are', () => {
  expect(() => readSafetensors(file.subarray(0, file.length - 4))).toThrow(
    'Tensor naïve 名 of shape [3] needs 12 bytes; the file holds 8.',
  );
});

const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
test.each([
  ['a header that is not JSON', '{"x": ', 'its header is not JSON'],
  ['a header of null', 'null', 'its header is no table of tensors'],
  ['a header that is a list', [entry], 'its header is no table of tensors'],
  ['an entry that is no object', { x: 1 }, 'Tensor x has no dtype, shape and data_offsets'],
  ['an entry without offsets', { x: { ...entry, data_offsets: undefined } }, 'Tensor x has no dtype'],
  ['an entry without shape', { x: { ...entry, shape: 'one' } }, 'Tensor x has no dtype'],
  ['a negative offset', { x: { ...entry, data_offsets: [-4, 0] } }, 'Tensor x has no dtype'],
  ['a negative length', { x: { ...entry, shape: [-1, -1] } }, 'Tensor x has no dtype'],
  [
    'offsets that do not fit the shape',
    { x: { ...entry, shape: [2] } },
    'Tensor x of shape [2] needs 8 bytes',
  ],
  [
    'another number format',
    { x: { ...entry, dtype: 'BF16' } },
    'Tensor x is BF16; only F32 and F64 are read',
  ],
  ['metadata of null', { __metadata__: null, x: entry }, 'its __metadata__ is no table of texts'],
  ['metadata that are no texts', { __metadata__: { step: 7 } }, 'its __metadata__ is no table of texts'],
  [
    'two tensors of the same bytes',
    { x: { ...entry, shape: [2], data_offsets: [0, 8] }, y: entry },
    'Its tensors need 12 bytes together; the file holds 8: some share their bytes.',
  ],
  ['a format named as a method is', { x: { ...entry, dtype: 'toString' } }, 'Tensor x is toString; only'],
])('%s is refused', (_, header, message) => {
  expect(() => readSafetensors(withHeader(header))).toThrow(SafetensorsError);
  expect(() => readSafetensors(withHeader(header))).toThrow(message);
});
