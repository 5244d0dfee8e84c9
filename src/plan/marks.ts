/**
 * Numbers that are marked at ranges of steps, and which of them are not at any step of another range: for 32 numbers, the
 * bits of a word, in the time that one would take.
 */

/** A binary tree over the steps; node n has the children 2 n and 2 n + 1. */
interface Plane {
  /** Numbers that are marked at every step below a node, and at some. */
  readonly whole: Int32Array;
  readonly part: Int32Array;
}

/** Of numbers none of which was ever marked. */
const unmarked: Plane = { whole: new Int32Array(0), part: new Int32Array(0) };

export class Marks {
  readonly #leaves: number;
  readonly #planes: Plane[] = [];

  constructor(steps: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, steps)));
  }

  /** @param last inclusive */
  mark(number: number, first: number, last: number): void {
    const size = 2 * this.#leaves;
    for (let plane = this.#planes.length; 32 * plane <= number; plane++) {
      this.#planes.push({ whole: new Int32Array(size), part: new Int32Array(size) });
    }
    const { whole, part } = this.#planes[number >>> 5];
    const bit = 1 << (number % 32);
    for (const node of this.#nodesWithin(first, last)) {
      whole[node] |= bit;
      part[node] |= bit;
    }
    for (const node of this.#nodesAbove(first, last)) part[node] |= bit;
  }

  /** The numbers below `count` that are marked at none of the steps, in ascending order. */
  absent(first: number, last: number, count: number): number[] {
    const within = this.#nodesWithin(first, last);
    const above = this.#nodesAbove(first, last);
    const absent: number[] = [];
    for (let from = 0; from < count; from += 32) {
      const { whole, part } = this.#planes[from / 32] ?? unmarked;
      let marked = 0;
      for (const node of within) marked |= part[node];
      for (const node of above) marked |= whole[node];
      const end = Math.min(32, count - from);
      for (let bit = 0; bit < end; bit++) if (((marked >>> bit) & 1) === 0) absent.push(from + bit);
    }
    return absent;
  }

  /** The highest nodes with nothing but steps of the range below them. */
  #nodesWithin(first: number, last: number): number[] {
    const nodes: number[] = [];
    let low = first + this.#leaves;
    let high = last + 1 + this.#leaves;
    for (; low < high; low >>>= 1, high >>>= 1) {
      if (low % 2 === 1) nodes.push(low++);
      if (high % 2 === 1) nodes.push(--high);
    }
    return nodes;
  }

  /** Nodes above an end of the range, among them all that are above those within it. */
  #nodesAbove(first: number, last: number): number[] {
    const nodes: number[] = [];
    for (let node = first + this.#leaves; node > 0; node >>>= 1) nodes.push(node);
    for (let node = last + this.#leaves; node > 0; node >>>= 1) nodes.push(node);
    return nodes;
  }
}
