/** How the records of a part are cut to be read: as they are stored, so far as the memory for them allows. */

export interface Pieces {
  readonly count: number;
  /** The piece that a record lies in. */
  of(record: number): number;
  /** Its records, from the first (included) to the last (not included). */
  rangeOf(piece: number): readonly [from: number, to: number];
  /** Runs that are stored together had to be cut: they are read once for each of their pieces. */
  readonly isCut: boolean;
}

/**
 * @param blocks first records of what is stored together, from 0; undefined where each lies by itself
 * @param recordBytes of a record of the part in memory
 * @param limits bytes of a piece: of records that lie by themselves so many are read together as make the least
 * @param members of every time, whose records are read together
 */
export function piecesOf(
  records: number,
  blocks: Int32Array | undefined,
  recordBytes: number,
  { least, most }: { readonly least: number; readonly most: number },
  members = 1,
): Pieces {
  const timeBytes = Math.max(1, recordBytes * members);
  const longest = members * Math.max(1, Math.floor(most / timeBytes));
  const shortest = Math.min(longest, members * Math.ceil(least / timeBytes));
  const runs = blocks?.filter(start => start < records) ?? Int32Array.of(0);
  const step = blocks ? longest : shortest;
  const starts: number[] = [];
  let isCut = false;
  runs.forEach((from, i) => {
    const to = runs[i + 1] ?? records;
    for (let start = from; start < to; start += step) starts.push(start);
    isCut ||= blocks !== undefined && to - from > step;
  });
  const pieceOf = new Int32Array(records);
  starts.forEach((from, piece) => {
    pieceOf.fill(piece, from, starts[piece + 1] ?? records);
  });
  return {
    count: starts.length,
    of: record => pieceOf[record],
    rangeOf: piece => [starts[piece], starts[piece + 1] ?? records],
    isCut,
  };
}
