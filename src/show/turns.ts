/**
 * Whose turn it is on a card that several ranks compute on. Each rank's device gives times of its own, and in them the
 * card is busy for all at once: where the spans of k ranks overlap, each is taken to get an equal share, 1/k, and to wait
 * for the card in the rest. No browser tells who had it, so this is an **estimate**, exact for one rank alone; but the
 * shares of all ranks add up to what the card was busy, and so to at most one card.
 */

export interface Interval {
  readonly begun: number;
  readonly ended: number;
}

/** A time in which the same ranks, at least one, had work on the card. */
export interface Turn extends Interval {
  /** In ascending order. */
  readonly ranks: readonly number[];
}

/**
 * @param work what each rank had on the card
 * @returns in order of time, without overlaps
 */
export function turnsOf(work: ReadonlyMap<number, readonly Interval[]>): Turn[] {
  const borders = [...work].flatMap(([rank, intervals]) =>
    intervals.flatMap(({ begun, ended }) =>
      ended > begun
        ? [
            { at: begun, rank, change: 1 },
            { at: ended, rank, change: -1 },
          ]
        : [],
    ),
  );
  borders.sort((a, b) => a.at - b.at);
  const under = new Map<number, number>();
  const turns: Turn[] = [];
  borders.forEach(({ at, rank, change }, i) => {
    const count = (under.get(rank) ?? 0) + change;
    if (count > 0) under.set(rank, count);
    else under.delete(rank);
    const next = borders.at(i + 1);
    if (!next || next.at === at || under.size === 0) return;
    const ranks = [...under.keys()].sort((a, b) => a - b);
    const last = turns.at(-1);
    if (last?.ended === at && sameRanks(last.ranks, ranks)) {
      turns[turns.length - 1] = { ...last, ended: next.at };
    } else {
      turns.push({ begun: at, ended: next.at, ranks });
    }
  });
  return turns;
}

const sameRanks = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((rank, i) => rank === b[i]);

/** The first of intervals in order of time that ends after a moment; their number where none does. */
export function firstAfter(intervals: readonly Interval[], moment: number): number {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (intervals[middle].ended > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}
