/** What lies in one block of memory, and when. */
import { END } from './free-blocks.ts';

export interface Lifetime {
  readonly bytes: number;
  /** First and last step, inclusive, at which the contents matter. */
  readonly first: number;
  readonly last: number;
}

export interface Occupant extends Lifetime {
  readonly item: number;
  readonly offset: number;
}

export class Timeline {
  readonly bytes: number;
  /** By their first steps. */
  readonly #occupants: Occupant[] = [];
  /** The last step of all occupants up to each. */
  readonly #reached: number[] = [];

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  add(occupant: Occupant): void {
    const { first, last } = occupant;
    const place = this.#upTo(first);
    this.#occupants.splice(place, 0, occupant);
    this.#reached.splice(place, 0, place > 0 ? this.#reached[place - 1] : -1);
    for (let i = place; i < this.#reached.length && this.#reached[i] < last; i++) this.#reached[i] = last;
  }

  /** What lies here during some of the steps. */
  during(first: number, last: number): Occupant[] {
    const together: Occupant[] = [];
    for (let i = this.#upTo(last) - 1; i >= 0 && this.#reached[i] >= first; i--) {
      if (this.#occupants[i].last >= first) together.push(this.#occupants[i]);
    }
    return together;
  }

  /** The last step before `first` at which something lies in a range of bytes; -1 where there is none. */
  busyBefore(first: number, offset: number, bytes: number): number {
    let busy = -1;
    for (let i = this.#upTo(first - 1) - 1; i >= 0 && this.#reached[i] > busy; i--) {
      const occupant = this.#occupants[i];
      if (occupant.last < first && occupant.last > busy && overlaps(occupant, offset, bytes))
        busy = occupant.last;
    }
    return busy;
  }

  /** The first step after `last` at which something lies in a range of bytes. */
  busyAfter(last: number, offset: number, bytes: number): number {
    for (let i = this.#upTo(last); i < this.#occupants.length; i++) {
      if (overlaps(this.#occupants[i], offset, bytes)) return this.#occupants[i].first;
    }
    return END;
  }

  /** How many occupants begin at a step or before it. */
  #upTo(step: number): number {
    let [low, high] = [0, this.#occupants.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#occupants[middle].first <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function overlaps(occupant: Occupant, offset: number, bytes: number): boolean {
  return offset < occupant.offset + occupant.bytes && occupant.offset < offset + bytes;
}
