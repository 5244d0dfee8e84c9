/** What a trainer takes and gives, and what it asks of the links of its rank. */
import type { Peers } from '../engine/exchange-actions.ts';
import type { TrainerState } from './trainer-state.ts';

/** A state that is being read while training may go on. */
export interface StateSnapshot<Label> {
  readonly label: Label;
  readonly state: Promise<TrainerState>;
}

/** Flag of the blocks of a step after which the first rank has something else in mind. */
export const HOLD = 1;

/** The links of a rank, as a trainer uses them. */
export interface MeshPeers extends Peers {
  /** A plan is about to be run by all ranks of its groups, for or after this step; `flags` go with its blocks. */
  beginRound(step: number, flags: number): void;
  /** Flags of all blocks received in this round. */
  readonly flagsHeard: number;
}
