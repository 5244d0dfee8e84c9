/** A machine and its links as rates. */
import type { Link } from './clock.ts';

/** What the model of time knows: it decides the order only, never a result. All links are alike. */
export interface Machine extends Link {
  readonly flopsPerSecond: number;
  /** Of a kernel that does no products: elements a second. */
  readonly elementsPerSecond: number;
  readonly secondsPerDispatch: number;
}

/**
 * A device and a link on which exchanges take longer than the work that could hide them. An order that is made for
 * such a link hides what a faster one brings as well; one that counts on early arrivals stands still when they are late.
 */
export const typicalMachine: Machine = {
  flopsPerSecond: 2e9,
  elementsPerSecond: 2e8,
  secondsPerDispatch: 2e-4,
  latencySeconds: 6e-3,
  bytesPerSecond: 2.5e6,
};
