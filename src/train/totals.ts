/**
 * The two numbers of a step that belong to the whole model: its loss and the squared norm of its gradient. On a mesh
 * every rank has a share of each, and all shares are summed in one small message to everyone, which also keeps the
 * ranks in step.
 */

import { f32Bits, input, output, updated, work } from '../graph/op.ts';
import { sumKernel } from '../graph/ops/reduce.ts';
import type { Provenance } from '../graph/provenance.ts';
import { groupOf, type Mesh, ranksOf } from '../mesh/mesh.ts';
import { BINDING_FLOATS } from '../plan/align.ts';
import type { ParameterLayout } from '../plan/layout.ts';
import {
  type Buffer,
  type Parcel,
  type Placement,
  type Plan,
  type PlanStep,
  planStep,
} from '../plan/plan.ts';
import { copyRanges } from './reduction.ts';

/** Loss and norm lie this many floats apart, where a buffer may be bound. */
const STRIDE = BINDING_FLOATS;
const TOTALS_BYTES = 4 * 2 * STRIDE;

/** Partial sums of squares of the gradients: one for every invocation, of which each adds up 64 vectors of four. */
function normParts({ floats }: ParameterLayout): number {
  return Math.min(64 * Math.ceil(floats / (4 * 64 * 64)), 16384);
}

const at = (block: number, offset: number, bytes: number): Placement => ({
  space: 'norm',
  block,
  offset,
  bytes,
});
const ownShare = at(1, 0, TOTALS_BYTES);
const lossIn = ({ space, block, offset }: Placement): Placement => ({ space, block, offset, bytes: 4 });
const normIn = (totals: Placement): Placement => lossIn({ ...totals, offset: totals.offset + 4 * STRIDE });
const everyone = (ranks: number) => at(2, 0, ranks * TOTALS_BYTES);
const total = at(3, 0, TOTALS_BYTES);

export function totalsSpaces(layout: ParameterLayout, mesh: Mesh): { readonly norm: readonly Buffer[] } {
  const ranks = ranksOf(mesh);
  const own: Buffer[] = [
    { bytes: 4 * normParts(layout), label: 'partial sums of squares' },
    { bytes: TOTALS_BYTES, label: 'loss and squared norm of the gradient' },
  ];
  if (ranks === 1) return { norm: own };
  return {
    norm: [
      ...own,
      { bytes: ranks * TOTALS_BYTES, label: "every rank's share of loss and norm" },
      { bytes: TOTALS_BYTES, label: 'loss and norm of the whole' },
    ],
  };
}

/** Where the shares of the loss that the passes of a step compute are added up. */
export const lossSum: Placement = lossIn(ownShare);

const about = (label: string, op: string, floats = 1) => {
  const provenance: Provenance = { layer: 'totals', phase: 'reduce', op, shape: [floats] };
  return { label, provenance };
};

/** Adds the loss of a pass, the output `loss`, to those of the passes before: `lossSum` takes its place. */
export function withLossSum(plan: Plan): Plan {
  const sum = planStep(
    sumKernel(1, 1, 1, 1, input(0), updated),
    [lossOf(plan), lossSum],
    about('loss so far', 'sum'),
  );
  return { ...plan, steps: [...plan.steps, sum], outputs: new Map([...plan.outputs, ['loss', lossSum]]) };
}

export interface Totals {
  readonly steps: readonly PlanStep[];
  readonly loss: Placement;
  readonly squaredNorm: Placement;
  readonly exchanges: number;
}

export function totalsOf(plan: Plan, layout: ParameterLayout, mesh: Mesh): Totals {
  const { rows, columns, replicas, place } = mesh;
  /** How many ranks hold the gradient of a range: each counts for its share of the sum. */
  const holders = { none: replicas, column: replicas * rows, row: replicas * columns };
  const steps: PlanStep[] = squaresOf(layout, copies => 1 / holders[copies]);
  const loss = lossOf(plan);
  if (ranksOf(mesh) === 1) return { steps, loss, squaredNorm: normIn(ownShare), exchanges: 0 };

  const world = groupOf(mesh, 'world');
  const slot = (rank: number) => at(2, rank * TOTALS_BYTES, TOTALS_BYTES);
  const others = world.filter(rank => rank !== place.rank);
  const whole = about('loss and norm of the whole', 'allReduce', 2);
  const identity = { ...whole, exchange: plan.exchanges, group: 'world' };
  if (loss !== lossSum) {
    const share = sumKernel(1, 1, 1, 1, input(0), output);
    steps.push(planStep(share, [loss, lossSum], about('share of the loss', 'sum')));
  }
  steps.push(
    { kind: 'start', ...identity, sends: others.map(peer => ({ peer, at: ownShare })) },
    {
      kind: 'finish',
      ...identity,
      receives: others.map((peer): Parcel => ({ peer, at: slot(peer) })),
      keep: { from: ownShare, to: slot(place.rank) },
    },
    planStep(
      sumKernel(1, world.length, 2 * STRIDE, 1, input(0), output),
      [everyone(world.length), total],
      whole,
    ),
  );
  return { steps, loss: lossIn(total), squaredNorm: normIn(total), exchanges: 1 };
}

/** The squared norm of the gradients in `ownShare`, where every range counts with a factor. */
function squaresOf(
  layout: ParameterLayout,
  factor: (copies: 'none' | 'column' | 'row') => number,
): PlanStep[] {
  const ranges = copyRanges(layout);
  const parts = normParts(layout);
  const ends = [0, 1].map(index => {
    const range = ranges[index]?.range;
    return range ? (range.offset + range.size) / 4 : layout.floats / 4;
  });
  const factors = [0, 1, 2].map(index => f32Bits(ranges[index] ? factor(ranges[index].copies) : 0));
  const partial = at(0, 0, 4 * parts);
  return [
    planStep(
      {
        shader: 'sum_squares',
        params: [layout.floats / 4, parts, ...ends, ...factors],
        workgroups: [parts / 64, 1, 1],
        operands: [input(0), output],
        // Squares, each with a factor, and their sums.
        work: work('reduction', 3 * layout.floats - parts, layout.floats, parts),
      },
      [{ space: 'gradients', block: 0, offset: 0, bytes: 4 * layout.floats }, partial],
      about('squares of the gradient', 'squaredNorm', parts),
    ),
    planStep(
      sumKernel(1, parts, 1, 1, input(0), output),
      [partial, normIn(ownShare)],
      about('norm of the gradient', 'squaredNorm'),
    ),
  ];
}

function lossOf({ outputs }: Plan): Placement {
  const loss = outputs.get('loss');
  if (!loss) throw new Error('a training plan needs the output loss');
  return loss;
}
