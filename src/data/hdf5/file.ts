/**
 * HDF5 files as NetCDF-4 writes them, read through the HDF5 library (h5wasm). Dimensions are the scales that are attached
 * to a variable; groups are read as one, for a variable sees the dimensions of the groups above its own.
 */
import type { Dataset, Entity, Group } from 'h5wasm';
import { DataError } from '../../io/data-error.ts';
import type { Attributes } from '../cf/attributes.ts';
import type { RangedFile } from '../netcdf/bytes.ts';
import type { BlockRange, NetcdfFile, NetcdfVariable } from '../netcdf/file.ts';
import type { NetcdfArray, NetcdfType } from '../netcdf/types.ts';
import { mountHdf5, type Strict, strictly } from './mount.ts';

/** What the format itself keeps in attributes. */
const own = /^(_Netcdf4\w*|_nc3_strict|_NCProperties|CLASS|NAME|DIMENSION_LIST|REFERENCE_LIST)$/;

/** Classes of types, as HDF5 numbers them. */
const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
const ENUM = 8;

/** A dimension of NetCDF for which there is no variable is a scale all the same. */
const bare = /^This is a netCDF dimension but not a netCDF variable/;

/** @throws DataError where it cannot be opened */
export async function openHdf5(file: RangedFile): Promise<NetcdfFile> {
  const root = await mountHdf5(file);
  try {
    return described(root, file, await strictly());
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(
      `${file.name} is damaged: the HDF5 library cannot read what is in it (${reasonOf(error as Error)}). Copy or download it again.`,
    );
  }
}

function described(root: Group, file: RangedFile, strict: Strict): NetcdfFile {
  const found = datasetsIn(root);
  const nameOf = namesOf(found.map(({ path }) => path.slice(1)));
  const dimensionIds = new Map(
    found.flatMap(({ path, dataset }) => {
      const id = dataset.attrs._Netcdf4Dimid?.value;
      return typeof id === 'number' ? [[id, path] as const] : [];
    }),
  );
  const dimensions = new Map<string, number>();
  const datasets = new Map<string, Dataset>();
  const variables = new Map<string, NetcdfVariable>();
  for (const { path, dataset } of found) {
    const name = nameOf(path.slice(1));
    const shape = dataset.shape ?? [];
    const along = dimensionsOf(path, dataset, dimensionIds).map(scale => nameOf(scale.slice(1)));
    along.forEach((dimension, d) => {
      dimensions.set(dimension, shape[d]);
    });
    const type = typeOf(dataset);
    if (!type || bare.test(String(dataset.attrs.NAME?.value ?? ''))) continue;
    datasets.set(name, dataset);
    variables.set(name, {
      name,
      type,
      dimensions: along,
      shape,
      attributes: attributesOf(dataset),
      chunks: dataset.metadata.chunks ?? undefined,
      begin: 0,
      stride: 0,
    });
  }
  return {
    name: file.name,
    format: 'NetCDF-4 (HDF5)',
    bytes: { size: file.size, view: () => new Uint8Array() },
    dimensions,
    attributes: attributesOf(root),
    variables,
    block: ({ name }, ranges) => readBlock(file.name, name, datasets.get(name)!, ranges, strict),
  };
}

interface Found {
  readonly path: string;
  readonly dataset: Dataset;
}

function datasetsIn(group: Group, at = ''): Found[] {
  return group.keys().flatMap((key): Found[] => {
    const path = `${at}/${key}`;
    const entity = group.get(key);
    if (isGroup(entity)) return datasetsIn(entity, path);
    return isDataset(entity) ? [{ path, dataset: entity }] : [];
  });
}

const isGroup = (entity: Entity | null): entity is Group => entity !== null && 'keys' in entity;
const isDataset = (entity: Entity | null): entity is Dataset => entity !== null && 'slice' in entity;

/** Variables of groups are called by their own name where it is the only one such, else by their path. */
function namesOf(paths: readonly string[]): (path: string) => string {
  const last = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const times = new Map<string, number>();
  for (const path of paths) times.set(last(path), (times.get(last(path)) ?? 0) + 1);
  return path => (path.includes('/') && times.get(last(path)) === 1 ? last(path) : path);
}

/** Paths of the scales of a dataset's dimensions; its own path and a number for one that has none. */
function dimensionsOf(path: string, dataset: Dataset, ids: ReadonlyMap<number, string>): string[] {
  const shape = dataset.shape ?? [];
  const isScale = dataset.attrs.CLASS?.value === 'DIMENSION_SCALE';
  if (isScale && shape.length === 1) return [path];
  // Coordinates of several dimensions are scales, to which none can be attached: their numbers are listed.
  const listed = dataset.attrs._Netcdf4Coordinates?.value;
  const numbers = listed instanceof Int32Array && listed.length === shape.length ? listed : undefined;
  return shape.map((_, d) => {
    const [attached] = isScale ? [] : dataset.get_attached_scales(d);
    return attached ?? ids.get(numbers?.[d] ?? -1) ?? `${path}_${d + 1}`;
  });
}

/** Undefined for what is neither numbers nor text. */
function typeOf({ metadata: { type, size, signed } }: Dataset): NetcdfType | undefined {
  if (type === STRING) return 'char';
  if (type === FLOAT) return size === 4 ? 'float' : size === 8 ? 'double' : undefined;
  if (type !== INTEGER && type !== ENUM) return undefined;
  const types: Readonly<Record<number, readonly [NetcdfType, NetcdfType]>> = {
    1: ['byte', 'ubyte'],
    2: ['short', 'ushort'],
    4: ['int', 'uint'],
    8: ['int64', 'uint64'],
  };
  return types[size]?.[signed ? 0 : 1];
}

function attributesOf({ attrs }: Pick<Dataset, 'attrs'>): Attributes {
  return new Map(
    Object.entries(attrs).flatMap(([name, attribute]): [string, string | ArrayLike<number>][] => {
      if (own.test(name)) return [];
      const { value, metadata } = attribute;
      if (typeof value === 'string') return [[name, value]];
      if (typeof value === 'bigint') return [[name, [Number(value)]]];
      // Of which type a limit is tells what it is a limit of.
      if (typeof value === 'number') {
        return [[name, metadata.type === FLOAT ? Float64Array.of(value) : [value]]];
      }
      if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
        return [[name, Array.from(value, Number)]];
      }
      if (Array.isArray(value)) return typeof value[0] === 'string' ? [[name, value[0]]] : [];
      return ArrayBuffer.isView(value) ? [[name, value]] : [];
    }),
  );
}

function readBlock(
  file: string,
  name: string,
  dataset: Dataset,
  ranges: readonly BlockRange[],
  strict: Strict,
): NetcdfArray {
  let value: unknown;
  try {
    value = strict(() =>
      ranges.length === 0 ? dataset.value : dataset.slice(ranges.map(([from, to]) => [from, to])),
    );
  } catch (error) {
    const filters = dataset.filters.map(filter => filter.name || `filter ${filter.id}`).join(', ');
    throw new DataError(
      `Cannot read ${name} of ${file}${filters ? `, which is packed with ${filters}` : ''} (${reasonOf(error as Error)}). It is damaged, or packed in a way that is not read here. Repack it: nccopy -d 1 -s in.nc out.nc`,
    );
  }
  if (typeof value === 'number' || typeof value === 'bigint') return Float64Array.of(Number(value));
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    return Float64Array.from(value, Number);
  }
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (isNumbers(value)) return value;
  if (Array.isArray(value)) return new TextEncoder().encode(value.join(' '));
  throw new DataError(`${name} of ${file} holds neither numbers nor text.`);
}

/** The library lists calls, each with its words; the innermost says most. */
function reasonOf({ message }: Error): string {
  const reasons = Array.from(message.matchAll(/\(\): (.+)$/gm), ([, words]) => words);
  return reasons.at(-1) ?? message.split('\n')[0];
}

const isNumbers = (value: unknown): value is NetcdfArray =>
  ArrayBuffer.isView(value) &&
  !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array);
