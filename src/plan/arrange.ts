/** The order in which a step's instructions are run, and the places of their results in memory, which depend on each other. */

import type { Tensor } from '../graph/tensor.ts';
import type { Instruction } from './instructions.ts';
import { jobsOf } from './jobs.ts';
import { type Machine, typicalMachine } from './machine.ts';
import { overlappedOrder } from './overlap.ts';
import { type Placing, placeInstructions } from './placement.ts';
import { frugalOrder } from './schedule.ts';

export interface Overlap {
  /** What exchanges are hidden on. */
  readonly machine: Machine;
  /** Bytes that the arena may take for it, where so few are possible. */
  readonly arenaBytes: number;
}

/**
 * What is tried one after the other: the share of the memory beyond the frugal order's that may be held, and how many
 * computations an order may be ahead of it. With the last, work is done in the frugal order and only exchanges are early.
 */
const attempts = [
  { share: 1, ahead: Number.POSITIVE_INFINITY },
  { share: 1 / 2, ahead: Number.POSITIVE_INFINITY },
  { share: 0, ahead: Number.POSITIVE_INFINITY },
  { share: 0, ahead: 2 },
  { share: 0, ahead: 1 },
];

/**
 * @param kept tensors whose contents matter to the end
 * @param elsewhere tensors that have a place already
 */
export function arrange(
  instructions: readonly Instruction[],
  kept: readonly Tensor[],
  elsewhere: ReadonlySet<Tensor>,
  overlap?: Overlap,
): Placing {
  const machine = overlap?.machine ?? typicalMachine;
  const jobs = jobsOf(instructions, kept, elsewhere, machine);
  const place = (order: readonly number[]) =>
    placeInstructions(
      order.map(index => instructions[index]),
      kept,
      elsewhere,
    );
  const frugal = frugalOrder(jobs);
  if (!overlap) return place(frugal.order);
  // What an order holds does not say how well its blocks can be shared.
  const more = Math.max(0, overlap.arenaBytes - frugal.bytes);
  let placing: Placing | undefined;
  for (const { share, ahead } of attempts) {
    const freedom = { bytes: frugal.bytes + share * more, ahead };
    placing = place(overlappedOrder(jobs, machine, frugal.order, freedom));
    if (arenaBytesOf(placing) <= overlap.arenaBytes) break;
  }
  return placing!;
}

function arenaBytesOf({ arena }: Placing): number {
  return arena.reduce((total, { bytes }) => total + bytes, 0);
}
