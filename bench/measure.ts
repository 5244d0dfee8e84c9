/** Times of several ways to do the same work, taken in turn, so that a busy spell of the machine meets them all. */

/** Starts the work and resolves once it is done on the device. */
export type Work = () => Promise<unknown>;

/** Milliseconds of each: the median of `repetitions` rounds, after one round that is not counted. */
export async function medians<Name extends string>(
  works: Readonly<Partial<Record<Name, Work>>>,
  repetitions: number,
): Promise<Partial<Record<Name, number>>> {
  const names = Object.keys(works) as Name[];
  const times = new Map<Name, number[]>(names.map(name => [name, []]));
  for (let round = 0; round <= repetitions; round++) {
    for (const name of names) {
      const start = performance.now();
      await works[name]?.();
      if (round > 0) times.get(name)?.push(performance.now() - start);
    }
  }
  const result: Partial<Record<Name, number>> = {};
  for (const [name, values] of times) result[name] = median(values);
  return result;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** ||a - b|| / ||b||. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}

/** Normal deviates from a seed: the same for every library, every run. */
export function normalValues(size: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return Float32Array.from(
    { length: size },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
