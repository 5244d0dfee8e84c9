/** What the simulator is told of ranks: their devices, links and lines as rates, and which of them do the same. */
import type { Link } from '../plan/clock.ts';
import type { Plan } from '../plan/plan.ts';
import type { DeviceRates } from './step-seconds.ts';

/** Ranks that are given the same object share it. */
export interface Line {
  /** Which of a rank's lines it is, for people: alike for ranks that are alike. */
  readonly level: string;
}

export interface SimulatedDevice extends DeviceRates {
  /** From when blocks are ready on a device until they are on the line, and back at the other end: half of it at either. */
  readonly secondsPerExchange: number;
  /**
   * Of the device's own time, what the host takes for an exchange where both are the same cores, as with a software adapter; 0 by
   * default. Ranks that share the device wait for each other with it.
   */
  readonly sharedSecondsPerExchange?: number;
}

export interface SimulatedLink extends Link {
  /** What messages to other peers, or of other ranks, queue for as well; a line of its own where absent. */
  readonly line?: Line;
}

export interface SimulatedRank {
  /** Ranks that are given the same object share it: those that have work at a time get equal shares of its time. */
  readonly device: SimulatedDevice;
  readonly linkTo: (peer: number) => SimulatedLink;
  /** All shared lines that its links name. */
  readonly lines?: readonly Line[];
}

/** Ranks that do the same at the same time, on machines and links that are alike. */
export interface RankGroup {
  /** The first is the one whose plan it is. */
  readonly ranks: readonly number[];
  readonly plan: Plan;
  /** Of the plan. */
  readonly hash: string;
}
