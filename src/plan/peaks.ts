/** Numbers of which the largest of a range is asked for, and to whole ranges of which something is added. */

export class Peaks {
  readonly #leaves: number;
  /** Of every node of a binary tree the largest number below it; node n has the children 2 n and 2 n + 1. */
  readonly #most: Float64Array;
  /** What was added to everything below a node, and is in its own `most`, but not in its children's. */
  readonly #added: Float64Array;

  constructor(values: readonly number[]) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)));
    this.#most = new Float64Array(2 * this.#leaves).fill(Number.NEGATIVE_INFINITY);
    this.#most.set(values, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#most[node] = this.#mostBelow(node);
    this.#added = new Float64Array(2 * this.#leaves);
  }

  /** The largest of the numbers `from` to `to`, exclusive; minus infinity where there are none. */
  most(from: number, to: number, node = 1, first = 0, count = this.#leaves): number {
    if (to <= first || first + count <= from) return Number.NEGATIVE_INFINITY;
    if (from <= first && first + count <= to) return this.#most[node];
    const half = count / 2;
    const left = this.most(from, to, 2 * node, first, half);
    const right = this.most(from, to, 2 * node + 1, first + half, half);
    return Math.max(left, right) + this.#added[node];
  }

  /** Adds to the numbers `from` to `to`, exclusive. Minus infinity makes that a number counts no more. */
  add(from: number, to: number, value: number, node = 1, first = 0, count = this.#leaves): void {
    if (to <= first || first + count <= from) return;
    if (from <= first && first + count <= to) {
      this.#most[node] += value;
      this.#added[node] += value;
      return;
    }
    const half = count / 2;
    this.add(from, to, value, 2 * node, first, half);
    this.add(from, to, value, 2 * node + 1, first + half, half);
    this.#most[node] = this.#mostBelow(node) + this.#added[node];
  }

  #mostBelow(node: number): number {
    return Math.max(this.#most[2 * node], this.#most[2 * node + 1]);
  }
}
