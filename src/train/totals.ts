/**
 * The two numbers of a step that belong to the whole model: its loss and the squared norm of its gradient. On a mesh
 * every rank has a share of each, and all shares are summed in one small message to everyone, which also keeps the
 * ranks in step.
 */

import { f32Bits, input, output, updated, work } from '../graph/op.ts';
import { sumKernel } from '../graph/ops/reduce.ts';
import type { Provenance } from '../graph/provenance.ts';
import { groupOf, type Mesh, ranksOf } from '../mesh/mesh.ts';
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

/** Partial sums of squares of a range of the gradients. */
const NORM_PARTS = 256;
/** Loss and norm lie this many floats apart, where a buffer may be bound. */
const STRIDE = 64;
const TOTALS_BYTES = 4 * 2 * STRIDE;
/** Ranges by who holds copies: see `copyRanges`. */
const MOST_RANGES = 3;

const at = (block: number, offset: number, bytes: number): Placement => ({
  space: 'norm',
  block,
  offset,
  bytes,
});
const parts = (range: number) => at(0, 4 * NORM_PARTS * range, 4 * NORM_PARTS);
const ownShare = at(1, 0, TOTALS_BYTES);
const lossIn = ({ space, block, offset }: Placement): Placement => ({ space, block, offset, bytes: 4 });
const normIn = (totals: Placement): Placement => lossIn({ ...totals, offset: totals.offset + 4 * STRIDE });
const everyone = (ranks: number) => at(2, 0, ranks * TOTALS_BYTES);
const total = at(3, 0, TOTALS_BYTES);

export function totalsSpaces(mesh: Mesh): { readonly norm: readonly Buffer[] } {
  const ranks = ranksOf(mesh);
  const own: Buffer[] = [
    { bytes: 4 * NORM_PARTS * MOST_RANGES, label: 'partial sums of squares' },
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
  const ranges = copyRanges(layout);
  const steps: PlanStep[] = ranges.map(({ copies, range }, index) => {
    const length = Math.ceil(range.size / NORM_PARTS);
    const filled = Math.ceil(range.size / length);
    return planStep(
      {
        shader: 'sum_squares',
        params: [range.size, length, f32Bits(1 / holders[copies])],
        workgroups: [NORM_PARTS / 64, 1, 1],
        operands: [input(0), output],
        // Squares, their sums, and a factor for every part.
        work: work('reduction', 2 * range.size - filled + NORM_PARTS, range.size, NORM_PARTS),
      },
      [{ space: 'gradients', block: 0, offset: 4 * range.offset, bytes: 4 * range.size }, parts(index)],
      about('squares of the gradient', 'squaredNorm', NORM_PARTS),
    );
  });
  const squares = { ...parts(0), bytes: 4 * NORM_PARTS * ranges.length };
  steps.push(
    planStep(
      sumKernel(1, NORM_PARTS * ranges.length, 1, 1, input(0), output),
      [squares, normIn(ownShare)],
      about('norm of the gradient', 'squaredNorm'),
    ),
  );
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

function lossOf({ outputs }: Plan): Placement {
  const loss = outputs.get('loss');
  if (!loss) throw new Error('a training plan needs the output loss');
  return loss;
}
