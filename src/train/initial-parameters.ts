/** What training begins with. */
import type { Initializer } from '../graph/ops/leaf.ts';
import { hashName, philox } from '../graph/philox.ts';
import type { ParameterLayout, StateLayout } from '../plan/layout.ts';

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

/** All states as the flat array of `layout`. */
export function initialState({ entries, floats }: StateLayout): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(floats);
  for (const { offset, size, shape, attributes } of entries) {
    const rows = typeof attributes.initial === 'number' ? [attributes.initial] : attributes.initial;
    const run = typeof attributes.initial === 'number' ? size : size / shape[0];
    rows.forEach((value, row) => {
      flat.fill(value, offset + row * run, offset + (row + 1) * run);
    });
  }
  return flat;
}

/** Element i of a parameter. Four neighbours come from one block of random words, which is kept for the next call. */
function drawer(name: string, initializer: Initializer, seed: number): (i: number) => number {
  const { centre } = initializer;
  const normal = 'deviation' in initializer;
  const spread = normal ? initializer.deviation : initializer.bound;
  if (spread === 0) return () => centre;
  const stream = hashName(name);
  let block = -1;
  let words: ArrayLike<number> = [];
  return i => {
    if (i >>> 2 !== block) {
      block = i >>> 2;
      words = philox(block, stream, 0, 0, seed, 0);
    }
    return centre + spread * (normal ? normalOf(words, i & 3) : words[i & 3] / 2 ** 31 - 1);
  };
}

/**
 * A normal deviate from a pair of words (Box and Muller 1958): the cosine's for the first of two neighbours, the sine's for the
 * second. The word of the radius counts from 1, so that its logarithm is finite.
 */
function normalOf(words: ArrayLike<number>, i: number): number {
  const [radius, angle] = [(words[i & 2] + 1) / 2 ** 32, (2 * Math.PI * words[(i & 2) + 1]) / 2 ** 32];
  return Math.sqrt(-2 * Math.log(radius)) * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}
