/** Between the flat arrays of a whole model and those of its shards, space by space: parameters, moments, averages alike. */
import { type ParameterLayout, STATE_SPACE } from '../plan/layout.ts';

/** Calls `visit` with the position of every element that a shard holds, in its own flat array and in the whole's. */
function eachHeld(
  shard: ParameterLayout,
  whole: ParameterLayout,
  visit: (own: number, inWhole: number) => void,
): void {
  const starts = new Map(whole.entries.map(({ name, offset }) => [name, offset]));
  for (const { name, offset, size, attributes } of shard.entries) {
    const { origin } = attributes;
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

/** Writes what a shard holds to its place in the whole. */
export function putShard(
  shard: ParameterLayout,
  values: Float32Array,
  whole: ParameterLayout,
  space: string,
  target: Float32Array,
): void {
  if (space === STATE_SPACE) {
    // Models with states are whole on every rank.
    target.set(values);
    return;
  }
  eachHeld(shard, whole, (own, inWhole) => {
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
  if (space === STATE_SPACE) return values.slice();
  const own = new Float32Array(shard.floats);
  eachHeld(shard, whole, (at, inWhole) => {
    own[at] = values[inWhole];
  });
  return own;
}
