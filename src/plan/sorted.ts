/** A set that is always in order, for queues from which more than the first may be taken. */

export interface Sorted<T> {
  readonly first: T | undefined;
  /** In ascending order; nothing may be added or deleted meanwhile. */
  values(): Iterable<T>;
  add(value: T): void;
  /** Tells whether it was there. */
  delete(value: T): boolean;
}

/** @param compare 0 for a value and itself only; what it says of two values may not change while they are in the set */
export function sorted<T>(compare: (a: T, b: T) => number): Sorted<T> {
  const values: T[] = [];
  /** Where the value is, or would be. */
  const placeOf = (value: T): number => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(values[middle], value) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get first() {
      return values[0];
    },
    values: () => values,
    add: value => {
      values.splice(placeOf(value), 0, value);
    },
    delete: value => {
      const place = placeOf(value);
      const found = place < values.length && compare(values[place], value) === 0;
      if (found) values.splice(place, 1);
      return found;
    },
  };
}
