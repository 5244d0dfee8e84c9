/**
 * Writes NetCDF classic files whose values come piece by piece: where each lies is known from the header alone, so that no
 * more is in memory than the piece that is being written. Files are CDF-2 (64-bit offsets), which everything reads, and CDF-5
 * where a variable is too large for that.
 *
 * The format: https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
 */
import type { WriteAt } from '../../io/write-at.ts';
import { externalTypes, product } from './types.ts';

export type WrittenType = 'int' | 'float' | 'double';

export interface WrittenVariable {
  readonly name: string;
  readonly type: WrittenType;
  /** Names; the record dimension, where it is among them, comes first. */
  readonly dimensions: readonly string[];
  /** Numbers are in the variable's own type. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface NetcdfOutline {
  /** Sizes by name. */
  readonly dimensions: ReadonlyMap<string, number>;
  /** The one whose entries lie one after the other, and may be added to by other programs. */
  readonly record: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly variables: readonly WrittenVariable[];
}

export interface NetcdfWriter {
  /** 2 or 5. */
  readonly version: number;
  /** Of the whole file. */
  readonly bytes: number;
  /**
   * Writes values that follow each other.
   *
   * @param index along the record dimension; 0 for a variable without it
   * @param from the first of them, counted within that record
   */
  put(name: string, index: number, from: number, values: ArrayLike<number>): Promise<void>;
}

/** The largest size that the header of a CDF-2 file has room for. */
const MOST_OF_CDF2 = 2 ** 32 - 4;
const TAG = { dimensions: 10, variables: 11, attributes: 12 } as const;

/**
 * Writes the header. Until every value is put, the file has zeros where they belong, or ends.
 *
 * @throws RangeError for a dimension that is not there
 */
export async function startNetcdf(outline: NetcdfOutline, write: WriteAt): Promise<NetcdfWriter> {
  const { dimensions, record } = outline;
  const records = sizeOf(outline, record);
  const places = outline.variables.map(variable => {
    const isRecord = variable.dimensions[0] === record;
    const shape = variable.dimensions.map(name => sizeOf(outline, name));
    const values = product(isRecord ? shape.slice(1) : shape);
    const bytes = values * externalTypes[variable.type].size;
    return { variable, isRecord, values, bytes: Math.ceil(bytes / 4) * 4 };
  });
  const isLarge =
    places.some(({ bytes }) => bytes > MOST_OF_CDF2) ||
    [...dimensions.values()].some(size => size > 2 ** 31 - 4);
  const version = isLarge ? 5 : 2;
  // Offsets do not change the header's length.
  const length = headerOf(
    outline,
    version,
    places.map(({ bytes }) => ({ bytes, begin: 0 })),
  ).length;
  let at = length;
  const begins = new Map<string, number>();
  for (const wanted of [false, true]) {
    for (const { variable, isRecord, bytes } of places) {
      if (isRecord !== wanted) continue;
      begins.set(variable.name, at);
      at += bytes;
    }
  }
  const stride = places.reduce((sum, { isRecord, bytes }) => sum + (isRecord ? bytes : 0), 0);
  const beginOf = (name: string) => begins.get(name) ?? Number.NaN;
  const header = headerOf(
    outline,
    version,
    places.map(({ variable, bytes }) => ({ bytes, begin: beginOf(variable.name) })),
  );
  await write('', 0, header);
  const byName = new Map(places.map(place => [place.variable.name, place]));
  return {
    version,
    bytes: at + Math.max(0, records - 1) * stride,
    async put(name, index, from, values) {
      const place = byName.get(name);
      const fits =
        place !== undefined &&
        index >= 0 &&
        index < (place.isRecord ? records : 1) &&
        from >= 0 &&
        from + values.length <= place.values;
      if (!fits) throw new RangeError(`${name} has no ${values.length} values from ${from} on, at ${index}.`);
      const { type } = place.variable;
      const position = beginOf(name) + index * stride + from * externalTypes[type].size;
      await write('', position, bigEndian(type, values));
    },
  };
}

function sizeOf({ dimensions }: NetcdfOutline, name: string): number {
  const size = dimensions.get(name);
  if (size === undefined) throw new RangeError(`There is no dimension ${name}.`);
  return size;
}

function headerOf(
  { dimensions, record, attributes, variables }: NetcdfOutline,
  version: number,
  places: readonly { readonly bytes: number; readonly begin: number }[],
): Uint8Array<ArrayBuffer> {
  const out: number[] = [0x43, 0x44, 0x46, version];
  const number = (value: number, bytes: number) => {
    for (let i = bytes - 1; i >= 0; i--) out.push(Math.floor(value / 256 ** i) % 256);
  };
  const count = (value: number) => number(value, version === 5 ? 8 : 4);
  const raw = (bytes: Iterable<number>) => {
    for (const byte of bytes) out.push(byte);
    while (out.length % 4 !== 0) out.push(0);
  };
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    count(bytes.length);
    raw(bytes);
  };
  const tag = (value: number, length: number) => {
    number(length === 0 ? 0 : value, 4);
    count(length);
  };
  const attributeList = (table: Readonly<Record<string, string | number>>, type: WrittenType) => {
    const entries = Object.entries(table);
    tag(TAG.attributes, entries.length);
    for (const [name, value] of entries) {
      text(name);
      number(externalTypes[typeof value === 'string' ? 'char' : type].code, 4);
      if (typeof value === 'string') text(value);
      else {
        count(1);
        raw(bigEndian(type, [value]));
      }
    }
  };
  const names = [...dimensions.keys()];
  count(dimensions.get(record) ?? 0);
  tag(TAG.dimensions, names.length);
  for (const [name, size] of dimensions) {
    text(name);
    count(name === record ? 0 : size);
  }
  attributeList(attributes, 'double');
  tag(TAG.variables, variables.length);
  variables.forEach(({ name, type, dimensions: own, attributes: about }, i) => {
    text(name);
    count(own.length);
    for (const dimension of own) count(names.indexOf(dimension));
    attributeList(about, type);
    number(externalTypes[type].code, 4);
    count(places[i].bytes);
    number(places[i].begin, 8);
  });
  return Uint8Array.from(out);
}

function bigEndian(type: WrittenType, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { size } = externalTypes[type];
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (let i = 0; i < values.length; i++) {
    if (type === 'float') view.setFloat32(4 * i, values[i]);
    else if (type === 'double') view.setFloat64(8 * i, values[i]);
    else view.setInt32(4 * i, values[i]);
  }
  return new Uint8Array(view.buffer);
}
