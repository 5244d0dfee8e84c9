/** Which chunks of an array a box touches, and reading them, with words for what goes wrong. */
import * as zarr from 'zarrita';
import { DataError } from '../../io/data-error.ts';
import { forEachLimited } from '../../io/limited.ts';
import type { ZarrVariable } from './store.ts';

/** Indices of each dimension that are wanted, ascending. */
export type Wanted = readonly ArrayLike<number>[];

/** Chunk coordinates that hold the wanted indices, row-major. */
export function chunksOf({ array }: ZarrVariable, wanted: Wanted): number[][] {
  return wanted.reduce<number[][]>(
    (coordinates, indices, d) => {
      const along = [...new Set(Array.from(indices, i => Math.floor(i / array.chunks[d])))];
      return coordinates.flatMap(before => along.map(chunk => [...before, chunk]));
    },
    [[]],
  );
}

/** Uncompressed bytes of a chunk. */
export function chunkBytes({ array }: ZarrVariable): number {
  const bits = /(\d+)$/.exec(array.dtype)?.[1];
  return array.chunks.reduce((a, b) => a * b, 1) * (bits ? Number(bits) / 8 : 1);
}

/** Numbers as zarrita gives them; `stride` in values. */
export interface ReadChunk {
  readonly data: ArrayLike<number | bigint | boolean>;
  readonly stride: readonly number[];
}

/**
 * A chunk that the store does not have is all fill value.
 *
 * @throws DataError where the chunk cannot be fetched or decoded
 */
export async function readChunk(
  { array, name }: ZarrVariable,
  coordinates: readonly number[],
): Promise<ReadChunk> {
  const what = `chunk ${coordinates.join('.')} of ${name}`;
  try {
    const { data, stride } = await array.getChunk([...coordinates]);
    const size = array.chunks.reduce((a, b) => a * b, 1);
    if (data.length !== size) {
      throw new DataError(damaged(what, `it holds ${data.length} values, not ${size}`));
    }
    return { data: data as ArrayLike<number | bigint | boolean>, stride };
  } catch (error) {
    throw explained(error, what);
  }
}

/** All values of an array of one dimension, such as a coordinate. */
export async function readWhole(variable: ZarrVariable): Promise<Float64Array> {
  const [length] = variable.array.shape;
  const [chunk] = variable.array.chunks;
  const out = new Float64Array(length);
  await forEachLimited(chunksOf(variable, [Float64Array.from(out, (_, i) => i)]), async coordinates => {
    const { data } = await readChunk(variable, coordinates);
    const from = coordinates[0] * chunk;
    for (let i = 0; i < chunk && from + i < length; i++) out[from + i] = Number(data[i]);
  });
  return out;
}

/** What zarrita or a store threw, in words. */
export function explained(error: unknown, what: string): unknown {
  if (error instanceof DataError) return error;
  if (zarr.isZarritaError(error, 'UnknownCodecError')) {
    return new DataError(
      `Cannot read ${what}: it is encoded with "${error.codec}", which is not known here. Rewrite the store with blosc, zstd, lz4, gzip or no compression.`,
    );
  }
  if (zarr.isZarritaError(error, 'InvalidMetadataError', 'UnsupportedError')) {
    return new DataError(`Cannot read ${what}: ${error.message}.`);
  }
  if (zarr.isZarritaError(error, 'CodecPipelineError')) {
    const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
    return new DataError(damaged(what, `${error.codec} fails with "${cause}"`));
  }
  return error;
}

const damaged = (what: string, how: string) =>
  `The ${what.replace(/^the /, '')} is truncated or damaged: ${how}. Download it again.`;
