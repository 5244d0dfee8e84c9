/** Missing values, which are NaN: looked for in loops, for these are the longest arrays there are. */

export function countMissing(values: Float32Array): number {
  let missing = 0;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) missing++;
  return missing;
}
