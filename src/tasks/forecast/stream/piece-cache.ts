/**
 * Pieces of a record in memory, as many as fit. Who takes them says beforehand which come next, so they are read in that
 * order while there is room, and what makes room is what is needed last.
 */

export interface PieceCache<Piece> {
  /** The piece, read now where it is not there: then also where there is no room. */
  get(index: number): Promise<Piece>;
  /** What is wanted next, in order, each once: read from now on, as far as there is room. */
  expect(indices: readonly number[]): void;
  clear(): void;
  /** Bytes of the pieces that are there or being read. */
  readonly bytes: number;
}

export interface PieceCacheOptions<Piece> {
  read(index: number): Promise<Piece>;
  bytesOf(index: number): number;
  /** That all pieces together may take. */
  readonly most: number;
  /** Bytes that are read at once, beyond one piece. */
  readonly mostAtOnce: number;
}

interface Held<Piece> {
  readonly piece: Promise<Piece>;
  readonly bytes: number;
  isReading: boolean;
}

export function createPieceCache<Piece>({
  read,
  bytesOf,
  most,
  mostAtOnce,
}: PieceCacheOptions<Piece>): PieceCache<Piece> {
  /** What was used longest ago comes first. */
  const held = new Map<number, Held<Piece>>();
  let wanted: readonly number[] = [];
  /** How soon each is wanted. */
  let turns = new Map<number, number>();
  let [bytes, reading] = [0, 0];

  const begin = (index: number): Held<Piece> => {
    const size = bytesOf(index);
    const entry: Held<Piece> = { piece: read(index), bytes: size, isReading: true };
    held.set(index, entry);
    bytes += size;
    reading += size;
    const done = () => {
      entry.isReading = false;
      reading -= size;
    };
    entry.piece.then(
      () => {
        done();
        readAhead();
      },
      () => {
        done();
        // Whoever asks again has it read again: a server may be back.
        drop(index, entry);
      },
    );
    return entry;
  };
  const drop = (index: number, entry: Held<Piece>) => {
    if (held.get(index) !== entry) return;
    held.delete(index);
    bytes -= entry.bytes;
  };
  /** What is wanted last, and later than `turn`; of what is not wanted at all, what was used longest ago. */
  const victimOf = (turn: number): readonly [index: number, entry: Held<Piece>] | undefined => {
    let victim: readonly [index: number, entry: Held<Piece>] | undefined;
    let latest = turn;
    for (const [index, entry] of held) {
      if (entry.isReading) continue;
      const own = turns.get(index);
      if (own === undefined) return [index, entry];
      if (own > latest) [victim, latest] = [[index, entry], own];
    }
    return victim;
  };
  /** Makes room by letting go of what is wanted later than `turn`, the last first. */
  const makeRoom = (size: number, turn: number): boolean => {
    while (bytes + size > most) {
      const victim = victimOf(turn);
      if (!victim) return false;
      drop(...victim);
    }
    return true;
  };
  const readAhead = () => {
    for (const [turn, index] of wanted.entries()) {
      if (held.has(index)) continue;
      const size = bytesOf(index);
      if (reading > 0 && reading + size > mostAtOnce) return;
      if (!makeRoom(size, turn)) return;
      begin(index);
    }
  };

  return {
    get(index) {
      const there = held.get(index);
      if (there) {
        held.delete(index);
        held.set(index, there);
        return there.piece;
      }
      makeRoom(bytesOf(index), -1);
      return begin(index).piece;
    },
    expect(indices) {
      wanted = indices;
      turns = new Map(indices.map((index, turn) => [index, turn]));
      readAhead();
    },
    clear() {
      wanted = [];
      turns = new Map();
      held.clear();
      bytes = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}
