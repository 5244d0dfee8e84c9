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
  readonly #steps: number;
  #count = 0;
  /** Steps at which blocks are full, at which something begins in them, and at which something ends. */
  readonly #full: Marks;
  readonly #begun: Marks;
  readonly #ended: Marks;
  /** Blocks in which something begins and ends, by step. */
  readonly #beginning: number[][];
  readonly #ending: number[][];

  constructor(steps: number) {
    this.#steps = steps;
    [this.#full, this.#begun, this.#ended] = [new Marks(steps), new Marks(steps), new Marks(steps)];
    this.#beginning = Array.from({ length: steps }, () => []);
    this.#ending = Array.from({ length: steps }, () => []);
  }

  /**
   * Something lies in a block from `first` to `last`; blocks are numbered from 0, without gaps.
   * @param full nothing more has room beside it
   */
  occupy(block: number, first: number, last: number, full: boolean): void {
    this.#count = Math.max(this.#count, block + 1);
    this.#begun.mark(block, first, first);
    this.#ended.mark(block, last, last);
    this.#beginning[first].push(block);
    this.#ending[last].push(block);
    if (full) this.#full.mark(block, first, last);
  }

  /**
   * Visits the blocks that are not full from `first` to `last`, but for those that are certainly free for more steps
   * than the best one so far.
   *
   * @param visit returns the number of steps for which the best block so far is free and not needed
   */
  visit(first: number, last: number, visit: (block: number) => number): void {
    const count = this.#count;
    const full = this.#full.during(first, last, count);
    const busyBefore = this.#ended.during(0, first - 1, count);
    const busyAfter = this.#begun.during(last + 1, this.#steps - 1, count);
    let best = Number.POSITIVE_INFINITY;
    // What made a block fills it: where it is not full, something lay in it before or will lie in it.
    for (const [isBefore, isAfter] of [
      [true, true],
      [false, true],
      [true, false],
    ]) {
      const left = bits(count, word => {
        const before = isBefore ? busyBefore[word] : ~busyBefore[word];
        const after = isAfter ? busyAfter[word] : ~busyAfter[word];
        return ~full[word] & before & after;
      });
      const visitAll = (blocks: Iterable<number>) => {
        for (const block of blocks) if (left.delete(block)) best = visit(block);
      };
      for (let distance = 1; left.size > 0; distance++) {
        // The others are free for longer than this.
        const before = isBefore ? first - distance : -1;
        const after = isAfter ? last + distance : END;
        if (best < after - before - (last - first)) break;
        if (left.size <= FEW) visitAll(left.values());
        else {
          if (isBefore) visitAll(this.#ending[before]);
          if (isAfter) visitAll(this.#beginning[after]);
        }
      }
    }
  }
}

/** A set of whole numbers below `count` as the bits of words. */
function bits(count: number, wordAt: (word: number) => number) {
  const words = Int32Array.from({ length: Math.ceil(count / 32) }, (_, word) => wordAt(word));
  const missing = 32 * words.length - count;
  if (missing > 0) words[words.length - 1] &= -1 >>> missing;
  let size = 0;
  for (const word of words) for (let left = word; left !== 0; left &= left - 1) size++;
  return {
    get size() {
      return size;
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
