/** Instructions as their order sees them: how long they take, what they wait for, and what memory they need. */

import type { Work as KernelWork } from '../graph/op.ts';
import { rootOf, sizeOf, type Tensor } from '../graph/tensor.ts';
import type { Instruction } from './instructions.ts';
import type { Job } from './job.ts';
import type { Machine } from './machine.ts';
import { exchangeOnly } from './placement.ts';

/** Whether operations are what takes the time. */
const isProduct = ({ kernel }: KernelWork) => kernel === 'product' || kernel === 'convolution';

/**
 * @param kept tensors whose contents matter to the end
 * @param elsewhere tensors that have a place of their own, outside the arena
 */
export function jobsOf(
  instructions: readonly Instruction[],
  kept: readonly Tensor[],
  elsewhere: ReadonlySet<Tensor>,
  machine: Machine,
): Job[] {
  const exchanged = exchangeOnly(instructions);
  const wanted = new Set(kept.map(rootOf));
  const madeBy = new Map<Tensor, number>();
  return instructions.map(({ tensor, furthers, kind, plan, operands, replaces }, index): Job => {
    // After its start an exchange needs its inputs no more, but for a block of its own that it keeps.
    const reading = kind !== 'finish' || plan.exchange?.keep !== undefined;
    const reads = (reading ? operands : []).flatMap(operand => madeBy.get(rootOf(operand)) ?? []);
    const results = [tensor, ...furthers];
    if (kind !== 'start') for (const result of results) madeBy.set(result, index);
    const counted = results.filter(
      result => kind !== 'start' && !elsewhere.has(result) && !exchanged.has(result),
    );
    const elements = [...results, ...operands].reduce((total, { shape }) => total + sizeOf(shape), 0);
    const products = plan.kernels.filter(({ work }) => isProduct(work));
    const flops = products.reduce((total, { work }) => total + work.flops, 0);
    const sends = (kind === 'start' && plan.exchange?.sends) || [];
    return {
      kind,
      seconds:
        kind === 'compute'
          ? machine.secondsPerDispatch * plan.kernels.length +
            flops / machine.flopsPerSecond +
            elements / machine.elementsPerSecond
          : 0,
      reads: [...new Set(reads)],
      bytes: counted.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0),
      scratchBytes: 4 * (plan.exchange ? 0 : (plan.scratch ?? []).reduce((sum, floats) => sum + floats, 0)),
      inPlace: replaces !== undefined || tensor.op.inPlace !== undefined,
      kept: results.some(result => wanted.has(result)),
      sends: sends.map(({ member, size }) => ({
        peer: plan.exchange!.group.members[member],
        bytes: 4 * size,
      })),
    };
  });
}
