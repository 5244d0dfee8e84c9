import { expect, it } from 'vitest';
import { type StoredType, unpacker } from '../../../src/data/cf/unpack.ts';

type Values = Readonly<Record<string, string | ArrayLike<number>>>;
const unpacked = (stored: readonly number[], type: StoredType, attributes: Values) =>
  stored.map(unpacker(new Map(Object.entries(attributes)), type));

const byte: StoredType = { kind: 'signed', bytes: 1 };
const short: StoredType = { kind: 'signed', bytes: 2, defaultFill: -32_767 };
const float: StoredType = { kind: 'float', bytes: 4 };

it('_Unsigned makes numbers, fill values and limits unsigned, in every width, and the opposite', () => {
  expect(unpacked([-1, -128, 127], byte, { _Unsigned: 'true', scale_factor: [0.5] })).toEqual([
    127.5, 64, 63.5,
  ]);
  expect(unpacked([-1, -2], byte, { _Unsigned: 'true', _FillValue: Int8Array.of(-1) })).toEqual([NaN, 254]);
  expect(unpacked([-1, -2], short, { _Unsigned: 'true', valid_max: Int16Array.of(-2) })).toEqual([
    NaN,
    65_534,
  ]);
  // The default fill value is the number that the library writes, whatever it is read as.
  expect(unpacked([-32_767, -1], short, { _Unsigned: 'true' })).toEqual([NaN, 65_535]);
  expect(unpacked([255, 3], { kind: 'unsigned', bytes: 1 }, { _Unsigned: 'false' })).toEqual([-1, 3]);
  expect(unpacked([-1], byte, { _Unsigned: 'false' })).toEqual([-1]);
});

it('what lies outside the limits is missing, the limits are not', () => {
  const stored = [-1, 0, 10, 11];
  expect(unpacked(stored, short, { valid_range: Int16Array.of(0, 10) })).toEqual([NaN, 0, 10, NaN]);
  expect(unpacked(stored, short, { valid_min: Int16Array.of(0) })).toEqual([NaN, 0, 10, 11]);
  expect(unpacked(stored, short, { valid_max: Int16Array.of(10) })).toEqual([-1, 0, 10, NaN]);
  expect(unpacked([1e35, 280], float, { valid_max: Float32Array.of(400) })).toEqual([NaN, 280]);
  // A limit of double precision holds for the number that is nearest to it in single.
  expect(unpacked([Math.fround(0.1)], float, { valid_max: Float64Array.of(0.1) })).toEqual([
    Math.fround(0.1),
  ]);
  expect(unpacked([1], short, { valid_min: Int16Array.of(0), valid_max: [Number.NaN] })).toEqual([1]);
});

it('limits are of packed numbers, unless their type says that they cannot be', () => {
  const packing = { scale_factor: [0.5], add_offset: [100] };
  expect(unpacked([10, 30], short, { ...packing, valid_range: Int16Array.of(0, 20) })).toEqual([105, NaN]);
  expect(unpacked([10, 30], short, { ...packing, valid_range: [0, 20] })).toEqual([105, NaN]);
  expect(unpacked([10, 30], short, { ...packing, valid_range: Float32Array.of(100, 110) })).toEqual([
    105,
    NaN,
  ]);
  expect(unpacked([10, 30], short, { ...packing, valid_range: [99.5, 110.5] })).toEqual([105, NaN]);
});
