/**
 * Where to look for room: the blocks that are not full at any step of a range, and of those first the ones that are
 * busy shortly before it and after it.
 */
import { Marks } from './marks.ts';

/** After all steps. */
export const END = 2 ** 31;

/** So many blocks are looked at without choosing among them. */
const FEW = 16;

export class FreeBlocks {
  /** Steps at which blocks are full. */
  readonly #full: Marks;
  /** Blocks in which something begins and ends, by step. */
  readonly #beginning: number[][];
  readonly #ending: number[][];
  /** The first step at which something ends in a block, and the last one at which something begins. */
  readonly #firstEnd: number[] = [];
  readonly #lastBeginning: number[] = [];

  constructor(steps: number) {
    this.#full = new Marks(steps);
    this.#beginning = Array.from({ length: steps }, () => []);
    this.#ending = Array.from({ length: steps }, () => []);
  }

  /**
   * Something lies in a block from `first` to `last`; blocks are numbered from 0, without gaps.
   * @param full nothing more has room beside it
   */
  occupy(block: number, first: number, last: number, full: boolean): void {
    this.#beginning[first].push(block);
    this.#ending[last].push(block);
    this.#firstEnd[block] = Math.min(this.#firstEnd[block] ?? last, last);
    this.#lastBeginning[block] = Math.max(this.#lastBeginning[block] ?? first, first);
    if (full) this.#full.mark(block, first, last);
  }

  /**
   * Visits the blocks that are not full from `first` to `last`, but for those that are certainly free for more steps
   * than the best one so far.
   *
   * @param visit returns the number of steps for which the best block so far is free and not needed
   */
  visit(first: number, last: number, visit: (block: number) => number): void {
    const count = this.#firstEnd.length;
    const within = bits(count);
    const beforeOnly = bits(count);
    const afterOnly = bits(count);
    for (const block of this.#full.absent(first, last, count)) {
      const isBefore = this.#firstEnd[block] < first;
      const isAfter = this.#lastBeginning[block] > last;
      // What made a block fills it: where it is not full, something lay in it before or will lie in it.
      (isBefore && isAfter ? within : isBefore ? beforeOnly : afterOnly).add(block);
    }
    let best = Number.POSITIVE_INFINITY;
    const walk = (left: Bits, isBefore: boolean, isAfter: boolean) => {
      const visitAll = (blocks: Iterable<number>) => {
        for (const block of blocks) if (left.delete(block)) best = visit(block);
      };
      for (let distance = 1; left.size > 0; distance++) {
        // The others are free for longer than this.
        const before = isBefore ? first - distance : -1;
        const after = isAfter ? last + distance : END;
        if (best < after - before - (last - first)) return;
        if (left.size <= FEW) visitAll(left.values());
        else {
          if (isBefore) visitAll(this.#ending[before]);
          if (isAfter) visitAll(this.#beginning[after]);
        }
      }
    };
    walk(within, true, true);
    walk(afterOnly, false, true);
    walk(beforeOnly, true, false);
  }
}

type Bits = ReturnType<typeof bits>;

/** A set of whole numbers below `count` as the bits of words. */
function bits(count: number) {
  const words = new Int32Array(Math.ceil(count / 32));
  let size = 0;
  return {
    get size() {
      return size;
    },
    /** That is not in it yet. */
    add(value: number): void {
      words[value >>> 5] |= 1 << (value % 32);
      size++;
    },
    *values(): Iterable<number> {
      for (let word = 0; word < words.length; word++) {
        for (let left = words[word]; left !== 0; left &= left - 1)
          yield 32 * word + 31 - Math.clz32(left & -left);
      }
    },
    /** Tells whether it was there. */
    delete(value: number): boolean {
      const bit = 1 << (value % 32);
      if ((words[value >>> 5] & bit) === 0) return false;
      words[value >>> 5] &= ~bit;
      size--;
      return true;
    },
  };
}
