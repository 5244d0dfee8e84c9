/** Between the flat arrays of a whole model and those of its shards, space by space: parameters, moments, states alike. */
import { inSpace, type ParameterLayout } from '../plan/layout.ts';

/** Calls `visit` with the position of every element that a shard holds, in its own flat array and in the whole's. */
function eachHeld(
  shard: ParameterLayout,
  whole: ParameterLayout,
  space: string,
  visit: (own: number, inWhole: number) => void,
): void {
  const starts = new Map(inSpace(whole, space).entries.map(({ name, offset }) => [name, offset]));
  for (const { name, offset, size, attributes } of inSpace(shard, space).entries) {
    // Models with states are whole on every rank.
    const origin = 'origin' in attributes ? attributes.origin : undefined;
    const start = starts.get(origin?.name ?? name);
    if (start === undefined) throw new Error(`the whole model has no parameter ${origin?.name ?? name}`);
    if (!origin) {
      for (let i = 0; i < size; i++) visit(offset + i, start + i);
      continue;
    }
    let own = offset;
    for (const row of origin.rows) {
      for (const column of origin.columns) {
        if (row >= 0 && column >= 0) visit(own, start + row * origin.rowLength + column);
        own++;
      }
    }
  }
}

/** Writes what a shard holds of a space to its place in the whole. */
export function putShard(
  shard: ParameterLayout,
  values: Float32Array,
  whole: ParameterLayout,
  space: string,
  target: Float32Array,
): void {
  eachHeld(shard, whole, space, (own, inWhole) => {
    target[inWhole] = values[own];
  });
}

/** The flat array of a shard, cut from that of the whole; padding is zero. */
export function cutShard(
  shard: ParameterLayout,
  whole: ParameterLayout,
  space: string,
  values: Float32Array,
): Float32Array<ArrayBuffer> {
  const own = new Float32Array(inSpace(shard, space).floats);
  eachHeld(shard, whole, space, (at, inWhole) => {
    own[at] = values[inWhole];
  });
  return own;
}
