/** What training begins with. */
import type { Initializer } from '../graph/ops/leaf.ts';
import { hashName, philox } from '../graph/philox.ts';
import type { ParameterLayout } from '../plan/layout.ts';

/**
 * Initial values of all parameters as the flat array of `layout`. Element i of a parameter is a function of (seed,
 * name, i) alone, so that a shard draws just what the whole would have drawn there.
 */
export function drawParameters(layout: ParameterLayout, seed: number): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(layout.floats);
  for (const { name, offset, size, attributes } of layout.entries) {
    const { initializer, origin } = attributes;
    const draw = drawer(origin?.name ?? name, initializer, seed);
    if (!origin) {
      for (let i = 0; i < size; i++) flat[offset + i] = draw(i);
      continue;
    }
    let at = offset;
    for (const row of origin.rows) {
      for (const column of origin.columns) {
        flat[at++] = row < 0 || column < 0 ? 0 : draw(row * origin.rowLength + column);
      }
    }
  }
  return flat;
}

/** Element i of a parameter. Four neighbours come from one block of random words, which is kept for the next call. */
function drawer(name: string, { centre, bound }: Initializer, seed: number): (i: number) => number {
  if (bound === 0) return () => centre;
  const stream = hashName(name);
  let block = -1;
  let words: ArrayLike<number> = [];
  return i => {
    if (i >>> 2 !== block) {
      block = i >>> 2;
      words = philox(block, stream, 0, 0, seed, 0);
    }
    return centre + bound * (words[i & 3] / 2 ** 31 - 1);
  };
}
