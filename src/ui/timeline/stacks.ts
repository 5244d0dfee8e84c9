/**
 * What a lane looks like at a width of so many pixels: a bar for each interval that is wide enough to be seen, and one for
 * every pixel column that holds shorter ones, in which each kind has the part that it takes of the column's time. So as
 * many bars as there are pixels suffice, however many spans there are, and nothing is left out.
 */
import { firstAfter, type Interval } from '../../show/turns.ts';
import type { Viewport } from './viewport.ts';

export interface Stack {
  /** In px from the left. */
  readonly x: number;
  readonly width: number;
  /** By kind, from 0 to 1; they add up to at most 1. */
  readonly shares: Float64Array;
}

/** Narrower intervals, in px, go into columns. */
const narrow = 1.5;

/**
 * @param intervals in order of time, without overlaps
 * @param kinds how many there are
 * @param addShares adds `weight` times the interval's shares, by kind
 */
export function stacksOf<T extends Interval>(
  intervals: readonly T[],
  kinds: number,
  addShares: (interval: T, weight: number, shares: Float64Array) => void,
  { from, to }: Viewport,
  width: number,
): Stack[] {
  const scale = width / (to - from);
  const stacks: Stack[] = [];
  let column = -1;
  let shares = new Float64Array(kinds);
  const flush = () => {
    if (column >= 0) stacks.push({ x: column, width: 1, shares });
    column = -1;
    shares = new Float64Array(kinds);
  };
  for (let i = firstAfter(intervals, from); i < intervals.length && intervals[i].begun < to; i++) {
    const interval = intervals[i];
    const left = Math.max(0, (interval.begun - from) * scale);
    const right = Math.min(width, (interval.ended - from) * scale);
    if (right - left >= narrow) {
      flush();
      const own = new Float64Array(kinds);
      addShares(interval, 1, own);
      stacks.push({ x: left, width: right - left, shares: own });
    } else {
      const at = Math.floor((left + right) / 2);
      if (at !== column) flush();
      column = at;
      addShares(interval, right - left, shares);
    }
  }
  flush();
  return stacks;
}
