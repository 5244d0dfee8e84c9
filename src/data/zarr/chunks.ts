/** Which chunks of an array a box touches, and reading them, with words for what goes wrong. */
import * as zarr from 'zarrita';
import { DataError } from '../../io/data-error.ts';
import { forEachLimited } from '../../io/limited.ts';
import { AbsentChunk } from './metadata.ts';
import type { ZarrVariable } from './types.ts';

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

/** Numbers as zarrita gives them, truths as 1 and 0; `stride` in values. */
export interface ReadChunk {
  readonly data: ArrayLike<number> | BigInt64Array | BigUint64Array;
  readonly stride: readonly number[];
}

/**
 * @returns undefined for a chunk that the store does not have
 * @throws DataError where the chunk cannot be fetched or decoded
 */
export async function readChunk(
  { array, name }: ZarrVariable,
  coordinates: readonly number[],
): Promise<ReadChunk | undefined> {
  const what = `chunk ${coordinates.join('.')} of ${name}`;
  try {
    const { data, stride } = await array.getChunk([...coordinates]);
    const size = array.chunks.reduce((a, b) => a * b, 1);
    if (data.length !== size) {
      throw new DataError(damaged(what, `it holds ${data.length} values, not ${size}`));
    }
    // Zarrita's array of truths has no indices.
    if (data instanceof zarr.BoolArray) return { data: Uint8Array.from(data, Number), stride };
    return { data: data as ReadChunk['data'], stride };
  } catch (error) {
    if (error instanceof AbsentChunk) return undefined;
    throw explained(error, what);
  }
}

/** What stands in a chunk of a coordinate that the store does not have; NaN where nothing says so. */
function fillOf({ array: { fillValue } }: ZarrVariable): number {
  return fillValue === null || fillValue === undefined ? Number.NaN : Number(fillValue);
}

/**
 * All values of a coordinate, which differ from each other: so one of them may be the fill value, and a store need not
 * have its chunk where that holds nothing else. Takes as much memory as there are chunks, however long the array claims
 * to be.
 *
 * @throws DataError where a chunk cannot be read, or is not there
 */
export async function readWhole(variable: ZarrVariable): Promise<Float64Array> {
  const { name, array } = variable;
  const [length] = array.shape;
  const [chunk] = array.chunks;
  const parts: { readonly from: number; readonly values: Float64Array }[] = [];
  let absent = 0;
  await forEachLimited(starts(length, chunk), async from => {
    const size = Math.min(chunk, length - from);
    const read = await readChunk(variable, [from / chunk]);
    if (!read && (size > 1 || ++absent > 1)) {
      throw new DataError(
        `The coordinate ${name} claims ${length} values in chunks of ${chunk}, but lacks chunk ${from / chunk}. Download it again.`,
      );
    }
    const valueAt = (i: number) => (read ? Number(read.data[i]) : fillOf(variable));
    parts.push({ from, values: Float64Array.from({ length: size }, (_, i) => valueAt(i)) });
  });
  const out = new Float64Array(length);
  for (const { from, values } of parts) out.set(values, from);
  return out;
}

function* starts(length: number, chunk: number): Generator<number, void> {
  for (let from = 0; from < length; from += chunk) yield from;
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
