/**
 * A reader of NetCDF classic files: CDF-1, CDF-2 (64-bit offsets) and CDF-5 (64-bit sizes). The header is read here,
 * values in `values.ts`.
 *
 * The format is a big-endian header (dimensions, attributes, variables with their offsets) followed by the data:
 * first every fixed variable in one piece, then the records, each holding one slice of every record variable in turn.
 * Written from "The NetCDF Classic Format Specification" (NetCDF User's Guide, appendix B) rather than taken from
 * netcdfjs 4: that library returns a whole variable as an array of boxed numbers, trusts the header's `vsize` (which
 * overflows on big variables), knows neither CDF-5 nor an unset record count, and reports a short file as a bare
 * RangeError. This one reads any range of steps into a typed array and says how many bytes are missing.
 */
import { DataError } from '../../io/data-error.ts';
import type { Attributes } from '../cf/attributes.ts';
import { type NetcdfBytes, wholeBytes } from './bytes.ts';
import { externalTypes, type NetcdfArray, type NetcdfType, product, textOf, valuesOf } from './types.ts';

export interface NetcdfVariable {
  readonly name: string;
  readonly type: NetcdfType;
  /** Names of the dimensions, slowest first. */
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly attributes: Attributes;
  /** Of HDF5, where it is stored so: the sizes of what is packed together. */
  readonly chunks?: readonly number[];
  /** Byte offset of the first value, in a classic file; so is `stride`. */
  readonly begin: number;
  /** Bytes from one index of the first dimension to the next. */
  readonly stride: number;
}

/** Indices along a dimension, from the first (included) to the last (not included). */
export type BlockRange = readonly [from: number, to: number];

export interface NetcdfFile {
  readonly name: string;
  /** For people. */
  readonly format: string;
  /** Reads a block of a variable of an HDF5 file, row-major; classic files have their values at known places of `bytes`. */
  readonly block?: (variable: NetcdfVariable, ranges: readonly BlockRange[]) => NetcdfArray;
  readonly bytes: NetcdfBytes;
  readonly dimensions: ReadonlyMap<string, number>;
  readonly attributes: Attributes;
  readonly variables: ReadonlyMap<string, NetcdfVariable>;
}

const TAG_DIMENSION = 10;
const TAG_VARIABLE = 11;
const TAG_ATTRIBUTE = 12;
/** In place of the record count: the writer never closed the file, so the count follows from its length. */
const UNSET_COUNT = 0xffffffff;

/** Dimensions of one variable, as many as the NetCDF library takes. */
const MOST_DIMENSIONS = 1024;

const padded = (bytes: number) => Math.ceil(bytes / 4) * 4;

/**
 * Reads the header of a NetCDF classic file and checks that all the data it announces are there.
 *
 * @throws DataError for an empty or truncated file, for HDF5 (NetCDF-4), which is read elsewhere, for GRIB, and for anything else.
 */
export function readNetcdf(bytes: ArrayBuffer, name: string): NetcdfFile {
  return readHeader(bytes, wholeBytes(bytes), name);
}

/** Thrown where a header goes on beyond the bytes given. */
export class HeaderCut extends DataError {}

/** @param head the first bytes of the file, or all */
export function readHeader(head: ArrayBuffer, bytes: NetcdfBytes, name: string): NetcdfFile {
  checkMagic(new Uint8Array(head, 0, Math.min(64, head.byteLength)), bytes.size, name);
  const cursor = headerCursor(head, name);
  const announced = cursor.count();
  const dimensions = cursor.list(TAG_DIMENSION, () => ({ name: cursor.name(), size: cursor.count() }));
  const names = dimensions.map(d => d.name);
  if (new Set(names).size < names.length) {
    throw new DataError(
      `${name} is damaged: two of its dimensions have the same name (${names.join(', ')}).`,
    );
  }
  const attributes = cursor.attributes();
  const raw = cursor.list(TAG_VARIABLE, () => {
    const variable = cursor.name();
    const rank = cursor.count();
    if (rank > MOST_DIMENSIONS) {
      throw new DataError(
        `${name} is damaged: ${variable} has ${rank} dimensions; at most ${MOST_DIMENSIONS} are read.`,
      );
    }
    const ids = Array.from({ length: rank }, () => cursor.count());
    const attributes = cursor.attributes();
    const type = cursor.type();
    cursor.count(); // vsize: redundant, and wrong for variables of 4 GiB and more
    const unknown = ids.find(id => id >= dimensions.length);
    if (unknown !== undefined) {
      throw new DataError(
        `${name} is damaged: ${variable} names dimension ${unknown} of ${dimensions.length}.`,
      );
    }
    const inner = ids.slice(1).find(id => dimensions[id].size === 0);
    if (inner !== undefined) {
      throw new DataError(
        `${name} is damaged: ${variable} has the unlimited dimension ${dimensions[inner].name} in a place other than the first.`,
      );
    }
    return { name: variable, ids, attributes, type, begin: cursor.offset() };
  });

  // A record variable has the unlimited dimension (size 0) first. One slice of each makes a record; slices are
  // padded to 4 bytes, unless a single record variable has the records for itself.
  const isRecord = (v: (typeof raw)[number]) => v.ids.length > 0 && dimensions[v.ids[0]].size === 0;
  const sliceBytes = (v: (typeof raw)[number]) =>
    product(v.ids.slice(1).map(id => dimensions[id].size)) * externalTypes[v.type].size;
  const records = raw.filter(isRecord);
  const recordBytes =
    records.length === 1
      ? sliceBytes(records[0])
      : records.reduce((sum, v) => sum + padded(sliceBytes(v)), 0);
  const firstRecord = records.reduce((least, v) => Math.min(least, v.begin), bytes.size);
  const recordCount =
    announced === UNSET_COUNT ? Math.floor((bytes.size - firstRecord) / Math.max(recordBytes, 1)) : announced;

  const sizes = dimensions.map(d => (d.size === 0 ? recordCount : d.size));
  const variables = raw.map((v): NetcdfVariable => {
    const shape = v.ids.map(id => sizes[id]);
    return {
      name: v.name,
      type: v.type,
      dimensions: v.ids.map(id => dimensions[id].name),
      shape,
      attributes: v.attributes,
      begin: v.begin,
      stride: isRecord(v) ? recordBytes : sliceBytes(v),
    };
  });
  for (const variable of variables) checkPresent(variable, bytes.size, name);
  checkApart(variables, bytes.size, name);
  return {
    name,
    format: `NetCDF classic (CDF-${new Uint8Array(head)[3]})`,
    bytes,
    dimensions: new Map(dimensions.map((d, i) => [d.name, sizes[i]])),
    attributes,
    variables: new Map(variables.map(v => [v.name, v])),
  };
}

/** Pages of servers begin so, some after blanks or the mark of UTF-8. */
const isWebPage = (head: Uint8Array) =>
  /^(\ufeff|\s)*<(!doctype|html|head|\?xml|!--)/i.test(new TextDecoder().decode(head));

function checkMagic(head: Uint8Array, length: number, name: string): void {
  const starts = (magic: string) => [...magic].every((c, i) => head[i] === c.charCodeAt(0));
  if (length === 0) throw new DataError(`${name} is empty (0 bytes).`);
  if (starts('\x89HDF')) {
    throw new DataError(
      `${name} is an HDF5 file (NetCDF-4), which is not read here. Convert it to NetCDF classic: nccopy -k classic in.nc out.nc`,
    );
  }
  // Files from a stream of bulletins begin with what it says of them.
  if (starts('GRIB') || /\.gri?b2?$/i.test(name)) {
    throw new DataError(`${name} is a GRIB file. Convert it to NetCDF: cdo -f nc copy in.grib out.nc`);
  }
  if (starts('\x0e\x03\x13\x01')) {
    throw new DataError(
      `${name} is an HDF4 file, of the format before HDF5. Convert it to NetCDF: h4tonccf in.hdf out.nc`,
    );
  }
  if (starts('CDF\x01') || starts('CDF\x02') || starts('CDF\x05')) return;
  if (isWebPage(head)) {
    throw new DataError(
      `${name} is a web page, not data: the download was most likely answered with a page to log in or with an error. Open it in a browser to see what it says, and download the file again.`,
    );
  }
  const hex = Array.from(head.subarray(0, 8), b => b.toString(16).padStart(2, '0')).join(' ');
  throw new DataError(
    `${name} is no file of NetCDF or HDF5: it begins with the bytes ${hex}, not with "CDF" or "\\x89HDF".`,
  );
}

function checkPresent(variable: NetcdfVariable, length: number, name: string): void {
  if (variable.shape.some(size => size === 0)) return;
  const row = product(variable.shape.slice(1)) * externalTypes[variable.type].size;
  const end = variable.begin + ((variable.shape[0] ?? 1) - 1) * variable.stride + row;
  if (end > length) {
    throw new DataError(
      `${name} is truncated: its variable ${variable.name} ends at byte ${end}, but the file has ${length} bytes. Copy or download it again.`,
    );
  }
}

/** Variables that shared their bytes could claim many times what the file holds, and would be read as often. */
function checkApart(variables: readonly NetcdfVariable[], length: number, name: string): void {
  const claimed = variables.reduce(
    (sum, { shape, type }) => sum + product(shape) * externalTypes[type].size,
    0,
  );
  if (claimed > length) {
    throw new DataError(
      `${name} is damaged: its ${variables.length} variables need ${claimed} bytes together, but the file has ${length}: some lie over others.`,
    );
  }
}

/** Walks the header. Counts are 32 bits wide, 64 in CDF-5; offsets 32, 64 in CDF-2 and CDF-5. */
function headerCursor(bytes: ArrayBuffer, name: string) {
  const view = new DataView(bytes);
  const version = bytes.byteLength > 3 ? view.getUint8(3) : 0;
  let at = 4;

  const take = (size: number): number => {
    if (at + size > bytes.byteLength) {
      throw new HeaderCut(
        `${name} is truncated: its header needs at least ${at + size} bytes, but the file has ${bytes.byteLength}. Copy or download it again.`,
      );
    }
    at += size;
    return at - size;
  };
  const word = () => view.getUint32(take(4));
  const long = () => Number(view.getBigUint64(take(8)));
  const count = () => {
    if (version !== 5) return word();
    const value = long();
    return value > 2 ** 63 ? UNSET_COUNT : value;
  };
  const string = (length: number) => new Uint8Array(bytes, take(padded(length)), length);
  const type = (): NetcdfType => {
    const code = word();
    for (const key in externalTypes)
      if (externalTypes[key as NetcdfType].code === code) return key as NetcdfType;
    throw new DataError(`${name} is damaged: its header names a data type ${code} at byte ${at - 4}.`);
  };
  const list = <T>(expected: number, item: () => T): T[] => {
    const tag = word();
    const length = count();
    if (tag !== expected && (tag !== 0 || length !== 0)) {
      throw new DataError(
        `${name} is damaged: its header has tag ${tag} where ${expected} belongs (byte ${at}).`,
      );
    }
    const items: T[] = [];
    while (items.length < length) items.push(item());
    return items;
  };
  const readName = () => textOf(string(count()));
  const attributes = (): Attributes =>
    new Map(
      list(TAG_ATTRIBUTE, () => {
        const key = readName();
        const kind = type();
        const raw = string(count() * externalTypes[kind].size).slice();
        return [key, kind === 'char' ? textOf(raw) : valuesOf(kind, raw)];
      }),
    );
  return { count, name: readName, type, list, attributes, offset: version === 1 ? word : long };
}
