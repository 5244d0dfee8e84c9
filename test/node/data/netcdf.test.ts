import { describe, expect, it } from 'vitest';
import { readNetcdf } from '../../../src/data/netcdf/file.ts';
import { readText, readValues } from '../../../src/data/netcdf/values.ts';
import { DataError } from '../../../src/io/data-error.ts';
import { type Fixture, writeNetcdf } from './write-netcdf.ts';

const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i);

/** Two record variables of odd byte counts, a fixed one, text, and attributes of both kinds. */
const mixed: Fixture = {
  dimensions: { time: 0, x: 3, letters: 5 },
  records: 4,
  variables: {
    fixed: { dimensions: ['x'], type: 'double', values: [1.5, -2.25, 1e300] },
    packed: {
      dimensions: ['time', 'x'],
      type: 'short',
      values: range(12, -6),
      attributes: { scale_factor: 2, units: 'K' },
    },
    label: { dimensions: ['letters'], type: 'char', values: [104, 105, 0, 0, 0] },
    level: { dimensions: ['time'], type: 'int', values: [7, 8, 9, 100_000] },
    scalar: { dimensions: [], type: 'float', values: [0.5] },
  },
};

const failure = (bytes: ArrayBuffer) => {
  try {
    readNetcdf(bytes, 'a.nc');
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  }
  return 'no error';
};
const ascii = (text: string) => Uint8Array.from([...text], c => c.charCodeAt(0)).buffer;

describe('readNetcdf', () => {
  it.each([1, 2, 5] as const)('reads types, records and attributes of CDF-%i', version => {
    const file = readNetcdf(writeNetcdf({ ...mixed, version }), 'a.nc');
    const get = (name: string) => file.variables.get(name)!;
    expect([...file.dimensions]).toEqual([
      ['time', 4],
      ['x', 3],
      ['letters', 5],
    ]);
    expect(readValues(file, get('fixed'))).toEqual(Float64Array.of(1.5, -2.25, 1e300));
    expect(readValues(file, get('packed'))).toEqual(Int16Array.from(range(12, -6)));
    expect(readValues(file, get('packed'), 1, 2)).toEqual(Int16Array.from(range(6, -3)));
    expect(readValues(file, get('level'))).toEqual(Int32Array.of(7, 8, 9, 100_000));
    expect(readValues(file, get('scalar'))).toEqual(Float32Array.of(0.5));
    expect(readText(file, get('label'))).toBe('hi');
    expect(get('packed').attributes.get('scale_factor')).toEqual(Int16Array.of(2));
    expect(get('packed').attributes.get('units')).toBe('K');
    expect(get('packed').shape).toEqual([4, 3]);
  });

  it('does not pad the records of a single record variable', () => {
    const values = range(9);
    const bytes = writeNetcdf({
      dimensions: { time: 0, x: 3 },
      records: 3,
      variables: { a: { dimensions: ['time', 'x'], type: 'short', values } },
    });
    const file = readNetcdf(bytes, 'a.nc');
    expect(readValues(file, file.variables.get('a')!)).toEqual(Int16Array.from(values));
  });

  it('counts the records of a file that was never closed', () => {
    const bytes = writeNetcdf(mixed);
    new DataView(bytes).setUint32(4, 0xffffffff);
    expect(readNetcdf(bytes, 'a.nc').variables.get('packed')!.shape).toEqual([4, 3]);
  });

  it('says how many bytes a truncated file lacks', () => {
    const bytes = writeNetcdf(mixed);
    const whole = bytes.byteLength;
    expect(failure(bytes.slice(0, whole - 1))).toBe(
      `a.nc is truncated: its variable level ends at byte ${whole}, but the file has ${whole - 1} bytes. Copy or download it again.`,
    );
    expect(failure(bytes.slice(0, 100))).toMatch(
      /^a\.nc is truncated: its header needs at least 1\d\d bytes, but the file has 100\./,
    );
    expect(failure(bytes.slice(0, 4))).toMatch(/needs at least 8 bytes, but the file has 4\./);
  });

  it('names the formats it does not read', () => {
    expect(failure(new ArrayBuffer(0))).toBe('a.nc is empty (0 bytes).');
    expect(failure(ascii('\x89HDF\r\n\x1a\n0000'))).toMatch(/HDF5 .*nccopy -k classic in\.nc out\.nc/);
    expect(failure(ascii('GRIB\0\0\0\x02'))).toMatch(/GRIB file/);
    expect(failure(ascii('\x0e\x03\x13\x01'))).toMatch(/HDF4 file.*h4tonccf in\.hdf out\.nc/);
    expect(() => readNetcdf(ascii('TTAA00 KWBC 181200 GRIB'), 'a.grb2')).toThrow(/^a\.grb2 is a GRIB file/);
    expect(failure(ascii('%PDF-1.7'))).toMatch(/no file of NetCDF or HDF5: .* 25 50 44 46/);
    for (const page of ['<!DOCTYPE html><html>', '\n  <html lang="en">', '<?xml version="1.0"?><Error>']) {
      expect(failure(ascii(page))).toMatch(/^a\.nc is a web page, not data/);
    }
    expect(failure(ascii('CD'))).toMatch(/no file of NetCDF or HDF5: .* 43 44,/);
  });

  it('refuses a damaged header', () => {
    const bytes = writeNetcdf(mixed);
    new DataView(bytes).setUint32(8, 99);
    expect(failure(bytes)).toMatch(/damaged: its header has tag 99 where 10 belongs/);
  });

  /** Where a name stands in the header. */
  const placeOf = (bytes: ArrayBuffer, name: string) => Buffer.from(bytes).indexOf(name);

  it.each([
    [1025, '1025'],
    [2 ** 25, '33554432'],
    [2 ** 32 - 1, '4294967295'],
  ])('refuses a variable of %i dimensions before it makes a list of them', (rank, words) => {
    const bytes = writeNetcdf(mixed);
    // Behind its name, which is padded to 8 bytes.
    new DataView(bytes).setUint32(placeOf(bytes, 'fixed') + 8, rank);
    expect(failure(bytes)).toBe(`a.nc is damaged: fixed has ${words} dimensions; at most 1024 are read.`);
  });

  it('refuses two dimensions of one name', () => {
    const bytes = writeNetcdf({
      dimensions: { lat: 2, lon: 3 },
      variables: { a: { dimensions: ['lat', 'lon'], values: range(6) } },
    });
    new Uint8Array(bytes).set([0x61, 0x74], placeOf(bytes, 'lon') + 1);
    expect(failure(bytes)).toBe('a.nc is damaged: two of its dimensions have the same name (lat, lat).');
  });

  it('refuses the unlimited dimension in any place but the first, where it would claim records of records', () => {
    const bytes = writeNetcdf(mixed);
    const view = new DataView(bytes);
    const ids = placeOf(bytes, 'packed') + 12;
    view.setUint32(ids, 0);
    view.setUint32(ids + 4, 0);
    expect(failure(bytes)).toBe(
      'a.nc is damaged: packed has the unlimited dimension time in a place other than the first.',
    );
  });

  it('refuses variables that lie over each other', () => {
    const name = (i: number) => `var${i}`;
    const bytes = writeNetcdf({
      dimensions: { x: 100 },
      variables: Object.fromEntries(range(8).map(i => [name(i), { dimensions: ['x'], values: range(100) }])),
    });
    const view = new DataView(bytes);
    // The offset is the last of a variable: behind name, rank, dimension, attributes, type and size.
    const beginOf = (i: number) => placeOf(bytes, name(i)) + 28;
    const begin = view.getUint32(beginOf(0));
    for (const i of range(8)) view.setUint32(beginOf(i), begin);
    const length = begin + 400;
    expect(failure(bytes.slice(0, length))).toBe(
      `a.nc is damaged: its 8 variables need 3200 bytes together, but the file has ${length}: some lie over others.`,
    );
  });
});
