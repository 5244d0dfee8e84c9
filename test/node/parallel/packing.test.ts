import { expect, test } from 'vitest';
import { FrameError } from '../../../src/net/frame-error.ts';
import { pack, unpack } from '../../../src/parallel/packing.ts';

const nested = {
  name: 'a text with ümlauts, "quotes" and 🌍',
  empty: null,
  flag: false,
  numbers: [0, -1.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  arrays: {
    f32: Float32Array.of(1, Number.NaN, -3),
    f64: [Float64Array.of(Math.PI), new Float64Array()],
    i32: Int32Array.of(-1, 2, 3),
    u32: Uint32Array.of(2 ** 32 - 1),
    u8: Uint8Array.of(1, 2, 3, 4, 5),
  },
};

test.each([0, 48, 3])('nested values with arrays of every type come back, behind %i bytes', offset => {
  const packed = pack(nested, offset);
  expect([...new Uint8Array(packed, 0, offset)].every(byte => byte === 0)).toBe(true);
  expect(unpack(packed, offset)).toEqual(nested);
});

test('a part of a larger array is sent, and no more of it', () => {
  const whole = Float32Array.from({ length: 1000 }, (_, i) => i);
  const packed = pack(whole.subarray(10, 13));
  expect(packed.byteLength).toBeLessThan(200);
  const part = unpack(packed) as Float32Array;
  expect(part).toEqual(Float32Array.of(10, 11, 12));
  expect(part.buffer.byteLength).toBe(12);
});

test.each([null, 7, 'text', [], Number.NaN])('%o alone comes back', value => {
  expect(unpack(pack(value))).toEqual(value);
});

test('an array of a type that is not carried is refused', () => {
  expect(() => pack({ a: new BigInt64Array(1) })).toThrow('a BigInt64Array cannot be sent to another rank');
});

/** Bytes that carry this text where the description is. */
function packedText(text: string): ArrayBuffer {
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 8);
  return bytes.buffer;
}

test.each([
  ['no bytes at all', new ArrayBuffer(0)],
  ['noise', Uint8Array.from({ length: 64 }, (_, i) => (i * 37) & 255).buffer],
  ['a text longer than the message', Uint8Array.of(255, 255, 0, 0, 0, 0, 0, 0).buffer],
  ['a text that is no JSON', packedText('{"slots":')],
  ['a description without a body', packedText('{"slots":[]}')],
  ['an array of an unknown type', packedText('{"slots":[{"type":"toString","length":1}],"body":"1"}')],
  ['an array of a negative length', packedText('{"slots":[{"type":"Uint8Array","length":-1}],"body":"1"}')],
  ['a huge array', packedText('{"slots":[{"type":"Float64Array","length":1e15}],"body":"1"}')],
  ['an array that is not there', packedText('{"slots":[],"body":"{\\"$array\\":0}"}')],
  ['a member of the list of arrays', packedText('{"slots":[],"body":"{\\"$array\\":\\"map\\"}"}')],
  ['a message cut short', pack(Float32Array.of(1, 2, 3)).slice(0, -16)],
])('%s: refused', (_, bytes) => {
  expect(() => unpack(bytes)).toThrow(FrameError);
  expect(() => unpack(bytes)).toThrow(/^a message that cannot be read \(/);
});
