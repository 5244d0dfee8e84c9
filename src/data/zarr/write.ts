/**
 * Writes Zarr stores, version 2 with consolidated metadata, chunk by chunk: what xarray and every other reader of Zarr opens.
 * Chunks are packed with Blosc (zstd, bytes shuffled), which makes fields about two thirds as large and loses nothing.
 *
 * The format: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html; names of dimensions as xarray keeps them.
 */
import { registry } from 'zarrita';
import type { WriteAt } from '../../io/write-at.ts';

const types = { float: '<f4', double: '<f8', int: '<i4' } as const;

export type ZarrType = keyof typeof types;

export interface WrittenArray {
  readonly name: string;
  readonly type: ZarrType;
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly attributes: Readonly<Record<string, string | number>>;
}

const SHUFFLE = 1;
const blosc = { id: 'blosc', cname: 'zstd', clevel: 3, shuffle: SHUFFLE, blocksize: 0 } as const;

const text = (document: object) => Uint8Array.from(new TextEncoder().encode(JSON.stringify(document)));

/** What describes an array, by its path in the store. Missing values of floats are NaN. */
export function arrayDocuments(array: WrittenArray): Readonly<Record<string, object>> {
  const { name, type, dimensions, shape, chunks, attributes } = array;
  return {
    [`${name}/.zarray`]: {
      zarr_format: 2,
      shape,
      chunks,
      dtype: types[type],
      order: 'C',
      filters: null,
      fill_value: type === 'int' ? null : 'NaN',
      compressor: blosc,
    },
    [`${name}/.zattrs`]: { ...attributes, _ARRAY_DIMENSIONS: dimensions },
  };
}

/**
 * Writes what describes a store, the consolidated metadata last: a store that has these is whole.
 *
 * @param attributes of the store
 */
export async function writeDocuments(
  arrays: readonly WrittenArray[],
  attributes: Readonly<Record<string, string>>,
  write: WriteAt,
): Promise<void> {
  const documents: Record<string, object> = {
    '.zgroup': { zarr_format: 2 },
    '.zattrs': attributes,
    ...Object.assign({}, ...arrays.map(arrayDocuments)),
  };
  for (const [path, document] of Object.entries(documents)) await write(path, 0, text(document));
  await write('.zmetadata', 0, text({ zarr_consolidated_format: 1, metadata: documents }));
}

/** The path of a chunk by its coordinates. */
export const chunkPath = ({ name }: Pick<WrittenArray, 'name'>, coordinates: readonly number[]) =>
  `${name}/${coordinates.join('.')}`;

/**
 * Packs a chunk.
 *
 * @param values as many as a chunk has, row-major: those beyond the array's end too
 */
export async function packedChunk(
  { name, type, chunks }: Pick<WrittenArray, 'name' | 'type' | 'chunks'>,
  values: ArrayLike<number>,
): Promise<Uint8Array<ArrayBuffer>> {
  const size = chunks.reduce((a, b) => a * b, 1);
  if (values.length !== size)
    throw new RangeError(`A chunk of ${name} has ${size} values, not ${values.length}.`);
  const codec = (await registry.get('blosc')!()).fromConfig(blosc, {
    dataType: type === 'float' ? 'float32' : type === 'double' ? 'float64' : 'int32',
    shape: [...chunks],
    codecs: [],
    fillValue: null,
  });
  return Uint8Array.from(await codec.encode(littleEndian(type, values)));
}

/** Machines that run WebGPU are all little-endian. */
function littleEndian(type: ZarrType, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const array =
    type === 'float'
      ? Float32Array.from(values)
      : type === 'double'
        ? Float64Array.from(values)
        : Int32Array.from(values);
  return new Uint8Array(array.buffer);
}
