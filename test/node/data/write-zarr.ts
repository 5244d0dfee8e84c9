/** Writes Zarr stores of versions 2 and 3 for tests, array by array and chunk by chunk. */
import Blosc from 'numcodecs/blosc';
import Zstd from 'numcodecs/zstd';

type Numbers = Float32Array | BigInt64Array | Int32Array | Uint8Array;

export interface ZarrArrayFixture {
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly type?: 'float32' | 'int64' | 'int32' | 'bool';
  readonly fill?: number | boolean | null | 'NaN';
  readonly value: (...index: number[]) => number;
  /** Chunk coordinates, joined by a dot, to leave out. */
  readonly absent?: readonly string[];
}

export interface ZarrFixture {
  readonly format: 2 | 3;
  readonly arrays: Readonly<Record<string, ZarrArrayFixture>>;
  readonly consolidated?: boolean;
  /** Version 3 only: inner chunks along each dimension of a shard (a chunk of the fixture). */
  readonly shards?: readonly number[];
  /** What the metadata call the compressor, for one that nobody knows. */
  readonly codec?: string;
}

const DTYPE = { float32: '<f4', int64: '<i8', int32: '<i4', bool: '|b1' } as const;
const blosc = Blosc.fromConfig({ id: 'blosc', cname: 'lz4', clevel: 5, shuffle: 1 });
const zstd = Zstd.fromConfig({ id: 'zstd', level: 1 });

/** The files of a store by their path. */
export async function writeZarr(fixture: ZarrFixture): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { format, arrays, consolidated = true } = fixture;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const metadata: Record<string, unknown> = {};
  const document = (path: string, value: unknown) => {
    metadata[path] = value;
    files.set(path, Uint8Array.from(new TextEncoder().encode(JSON.stringify(value))));
  };
  for (const [name, array] of Object.entries(arrays)) {
    const describe = format === 2 ? describe2 : describe3;
    for (const [file, value] of Object.entries(describe(array, fixture))) document(`${name}/${file}`, value);
    for (const coordinates of gridOf(array.shape.map((size, d) => Math.ceil(size / array.chunks[d])))) {
      if (array.absent?.includes(coordinates.join('.'))) continue;
      const path = format === 2 ? coordinates.join('.') : ['c', ...coordinates].join('/');
      files.set(`${name}/${path}`, await chunkFile(array, coordinates, fixture));
    }
  }
  if (format === 2) {
    document('.zgroup', { zarr_format: 2 });
    if (consolidated) document('.zmetadata', { zarr_consolidated_format: 1, metadata: { ...metadata } });
    return files;
  }
  const inline = Object.fromEntries(
    Object.entries(metadata).map(([path, value]) => [path.replace('/zarr.json', ''), value]),
  );
  const consolidated_metadata = { kind: 'inline', must_understand: false, metadata: inline };
  document('zarr.json', {
    zarr_format: 3,
    node_type: 'group',
    attributes: {},
    ...(consolidated ? { consolidated_metadata } : {}),
  });
  return files;
}

/** The documents of an array of version 2, by their file names. */
export function describe2(
  array: Omit<ZarrArrayFixture, 'value'>,
  { codec = 'blosc' }: Pick<ZarrFixture, 'codec'> = {},
): Record<string, unknown> {
  const { shape, chunks, dimensions, attributes, type = 'float32', fill = 'NaN' } = array;
  return {
    '.zarray': {
      zarr_format: 2,
      shape,
      chunks,
      dtype: DTYPE[type],
      order: 'C',
      filters: null,
      fill_value: type === 'float32' || type === 'bool' ? fill : null,
      compressor: { id: codec, cname: 'lz4', clevel: 5, shuffle: 1, blocksize: 0 },
    },
    '.zattrs': { ...attributes, _ARRAY_DIMENSIONS: dimensions },
  };
}

function describe3(
  array: ZarrArrayFixture,
  { codec = 'zstd', shards }: ZarrFixture,
): Record<string, unknown> {
  const { shape, chunks, dimensions, attributes = {}, type = 'float32', fill = 'NaN' } = array;
  const bytes = { name: 'bytes', configuration: { endian: 'little' } };
  const codecs = [bytes, { name: codec, configuration: { level: 1, checksum: false } }];
  const inner = innerChunk(array, shards);
  const sharding = {
    name: 'sharding_indexed',
    configuration: { chunk_shape: inner, codecs, index_codecs: [bytes], index_location: 'end' },
  };
  return {
    'zarr.json': {
      zarr_format: 3,
      node_type: 'array',
      shape,
      data_type: type,
      chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: type === 'float32' || type === 'bool' ? fill : 0,
      codecs: inner ? [sharding] : codecs,
      attributes,
      dimension_names: dimensions,
    },
  };
}

/** Only arrays of as many dimensions as the shards have are sharded. */
function innerChunk({ chunks }: ZarrArrayFixture, shards: readonly number[] | undefined) {
  return shards?.length === chunks.length ? chunks.map((size, d) => size / shards[d]) : undefined;
}

/** As a chunk is stored; by the codec of version 2 where none is named. */
export const packed = async (values: Numbers, codec: Pick<typeof blosc, 'encode'> = blosc) =>
  Uint8Array.from(await codec.encode(new Uint8Array(values.buffer as ArrayBuffer)));

async function chunkFile(
  array: ZarrArrayFixture,
  coordinates: readonly number[],
  { format, shards }: ZarrFixture,
): Promise<Uint8Array<ArrayBuffer>> {
  const encode = (values: Numbers) => packed(values, format === 2 ? blosc : zstd);
  const first = coordinates.map((c, d) => c * array.chunks[d]);
  const inner = innerChunk(array, shards);
  if (!inner) return encode(values(array, first, array.chunks));

  const parts: Uint8Array<ArrayBuffer>[] = [];
  const index: bigint[] = [];
  let at = 0;
  for (const within of gridOf(shards!)) {
    const part = await encode(
      values(
        array,
        first.map((start, d) => start + within[d] * inner[d]),
        inner,
      ),
    );
    index.push(BigInt(at), BigInt(part.length));
    parts.push(part);
    at += part.length;
  }
  const file = new Blob([...parts, BigUint64Array.from(index)]);
  return new Uint8Array(await file.arrayBuffer());
}

/** The values of a box from `first` on, row-major; 0 beyond the array's end. */
function values(array: ZarrArrayFixture, first: readonly number[], size: readonly number[]): Numbers {
  const numbers = gridOf(size).map(within => {
    const index = within.map((i, d) => first[d] + i);
    return index.every((i, d) => i < array.shape[d]) ? array.value(...index) : 0;
  });
  if (array.type === 'int64') return BigInt64Array.from(numbers, BigInt);
  if (array.type === 'bool') return Uint8Array.from(numbers);
  return array.type === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
}

/** All index tuples below the sizes, row-major. */
function gridOf(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (tuples, size) => tuples.flatMap(tuple => Array.from({ length: size }, (_, i) => [...tuple, i])),
    [[]],
  );
}
