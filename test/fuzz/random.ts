/** Chance that a seed repeats, on any machine. */
import { uniform } from '../../src/data/atmosphere/random.ts';

export interface Random {
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** @param parts what the numbers depend on: the same parts give the same numbers */
export function randomOf(...parts: readonly (string | number)[]): Random {
  // FNV-1a.
  let seed = 0x811c9dc5;
  for (const char of parts.join(' ')) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193);
  const next = uniform(seed);
  const below = (count: number) => Math.floor(next() * count);
  return { below, chance: probability => next() < probability, pick: list => list[below(list.length)] };
}
