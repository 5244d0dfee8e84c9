/** Shares arena blocks among tensors that are never alive together. */

export interface Lifetime {
  readonly bytes: number;
  /** First and last step, inclusive, at which the contents matter. */
  readonly first: number;
  readonly last: number;
}

export interface Assignment {
  /** Block of every item, in the order given. */
  readonly block: readonly number[];
  /** Bytes of every block. */
  readonly blocks: readonly number[];
}

/**
 * Greedy by size (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference", shared
 * objects): largest first, each into the smallest block that is free for its whole life. Blocks are whole buffers
 * rather than ranges of one, since WebGPU forbids reading and writing one buffer in one dispatch.
 */
export function assignBlocks(items: readonly Lifetime[]): Assignment {
  const order = items.map((_, index) => index).sort((a, b) => items[b].bytes - items[a].bytes || a - b);
  const blocks: { bytes: number; occupants: Lifetime[] }[] = [];
  const block = new Array<number>(items.length);
  for (const index of order) {
    const item = items[index];
    let best = -1;
    blocks.forEach((candidate, number) => {
      const free = candidate.occupants.every(other => other.last < item.first || item.last < other.first);
      if (free && (best < 0 || candidate.bytes < blocks[best].bytes)) best = number;
    });
    if (best < 0) best = blocks.push({ bytes: item.bytes, occupants: [] }) - 1;
    blocks[best].occupants.push(item);
    block[index] = best;
  }
  return { block, blocks: blocks.map(({ bytes }) => bytes) };
}
