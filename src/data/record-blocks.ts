/**
 * Records that are stored together: chunks of a store or of an HDF5 file hold several steps, and are read whole. Who draws
 * samples from all of them at random reads a chunk for every sample; see `train/batches.ts` for how they are drawn instead.
 */

/** A variable as it is stored: chunks along time, and what one of them takes unpacked. */
export interface ChunkedAlongTime {
  /** Stored steps of a chunk. */
  readonly steps: number;
  readonly bytes: number;
}

/** The variable whose chunks weigh most among those that hold more than a step; undefined where each step lies by itself. */
export function heaviest<T extends ChunkedAlongTime>(variables: readonly T[]): T | undefined {
  return variables
    .filter(({ steps }) => steps > 1)
    .reduce<T | undefined>((most, one) => (most && most.bytes >= one.bytes ? most : one), undefined);
}

/** @param chunkOf the chunk that a record lies in, of which it is enough that neighbours differ by it */
export function blockStarts(records: number, chunkOf: (record: number) => number): Int32Array {
  const starts: number[] = [];
  for (let record = 0; record < records; record++) {
    if (record === 0 || chunkOf(record) !== chunkOf(record - 1)) starts.push(record);
  }
  return Int32Array.from(starts);
}
