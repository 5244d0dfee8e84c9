/** Which values lie side by side, where they are stored and where they go: such are copied in one loop. */

/** Values at even distances from each other, in two arrays: so many, from an index on, and the next ones a step further each. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly fromStep: number;
  readonly toStep: number;
}

/**
 * @param indices of values where they are stored
 * @param places where they go; negative for nowhere
 * @returns stretches of all that go somewhere, in order
 */
export function stretchesOf(indices: ArrayLike<number>, places: ArrayLike<number>): Stretch[] {
  const stretches: Stretch[] = [];
  const goes = (i: number) => i < indices.length && places[i] >= 0;
  for (let i = 0; i < indices.length; ) {
    if (!goes(i)) {
      i++;
      continue;
    }
    const [from, to] = [indices[i], places[i]];
    const [fromStep, toStep] = goes(i + 1) ? [indices[i + 1] - from, places[i + 1] - to] : [1, 1];
    let count = 1;
    while (
      goes(i + count) &&
      indices[i + count] === from + count * fromStep &&
      places[i + count] === to + count * toStep
    ) {
      count++;
    }
    stretches.push({ from, to, count, fromStep, toStep });
    i += count;
  }
  return stretches;
}
