/**
 * Collectives: ops whose result depends on what other peers computed. Two primitives carry everything: `swap`, by
 * which every member of a group sends a tensor to one member and gets one from another, and `allGather` with its
 * transpose `reduceScatter`. Each has a vjp of its own kind, so the backward pass of a sharded model is derived.
 *
 * Every peer builds the same graph up to its own blocks, so that the n-th collective of one is the n-th of all.
 */
import { type Group, input, type Op, output, scratch } from '../op.ts';
import { apply, ShapeError, sameShape, sizeOf, type Tensor } from '../tensor.ts';
import { add } from './elementwise.ts';
import { sum, sumKernel } from './reduce.ts';

interface SwapAttributes {
  readonly group: Group;
  /** Members that get this tensor, and that the result comes from. */
  readonly to: number;
  readonly from: number;
}

const swapOp: Op<SwapAttributes> = {
  name: 'swap',
  role: 'collective',
  shape: ([x]) => x,
  // What came from `from` there was sent by it: its gradient goes back the same way.
  vjp: ({ attributes: { group, to, from } }, dy) => [apply(swapOp, [dy], { group, to: from, from: to })],
  kernels: ({ shape, attributes: { group, to, from } }) => ({
    kernels: [],
    exchange: {
      group,
      sends: [{ member: to, operand: input(0), offset: 0, size: sizeOf(shape) }],
      receives: [{ member: from, operand: output, offset: 0, size: sizeOf(shape) }],
    },
  }),
};

interface GatherAttributes {
  readonly group: Group;
  /** Never in half precision. */
  readonly exact?: boolean;
}

const others = (group: Group) => group.members.map((_, member) => member).filter(m => m !== group.index);

const allGatherOp: Op<GatherAttributes> = {
  name: 'allGather',
  role: 'collective',
  shape: ([x], { group }) => [group.members.length, ...x],
  vjp: ({ attributes }, dy) => [apply(reduceScatterOp, [dy], attributes)],
  kernels: ({ inputs: [x], attributes: { group, exact } }) => {
    const size = sizeOf(x.shape);
    const block = (member: number) => ({ operand: output, offset: member * size, size });
    const whole = { operand: input(0), offset: 0, size };
    return {
      kernels: [],
      exchange: {
        group,
        exact,
        sends: others(group).map(member => ({ member, ...whole })),
        receives: others(group).map(member => ({ member, ...block(member) })),
        keep: { from: whole, to: block(group.index) },
      },
    };
  },
};

const reduceScatterOp: Op<GatherAttributes> = {
  name: 'reduceScatter',
  role: 'collective',
  shape: ([x], { group }) => {
    if (x[0] !== group.members.length) {
      throw new ShapeError(`reduceScatter: [${x}] has no block for each of ${group.members.length} members`);
    }
    return x.slice(1);
  },
  vjp: ({ attributes }, dy) => [apply(allGatherOp, [dy], attributes)],
  kernels: ({ shape, attributes: { group } }) => {
    const size = sizeOf(shape);
    const count = group.members.length;
    const at = (member: number) => ({ offset: member * size, size });
    return {
      // Added in the order of members, whichever came first.
      kernels: [sumKernel(1, count, size, 1, scratch(0, 'read'), output)],
      scratch: [count * size],
      exchange: {
        group,
        sends: others(group).map(member => ({ member, operand: input(0), ...at(member) })),
        receives: others(group).map(member => ({ member, operand: scratch(0, 'write'), ...at(member) })),
        keep: {
          from: { operand: input(0), ...at(group.index) },
          to: { operand: scratch(0, 'write'), ...at(group.index) },
        },
      },
    };
  },
};

export function isCollective(tensor: Tensor): boolean {
  return tensor.op.role === 'collective';
}

/** Every member's x [..] in the order of members: [members, ..]. `exact`: whatever the precision of the wire. */
export function allGather(x: Tensor, group: Group, exact = false): Tensor {
  return apply(allGatherOp, [x], { group, exact });
}

/** Sum over the members of the own block of x [members, ..]: [..]. */
export function reduceScatter(x: Tensor, group: Group): Tensor {
  return apply(reduceScatterOp, [x], { group });
}

/** Sum of every member's x, the same to the last bit on all: for small tensors, since all of x goes to everyone. */
export function allReduce(x: Tensor, group: Group): Tensor {
  return group.members.length === 1 ? x : sum(allGather(x, group, true), [0]);
}

/** Members other than the own one, in the order in which a ring meets them: near neighbours first. */
function ring({ members, index }: Group): { to: number; from: number }[] {
  const count = members.length;
  return Array.from({ length: count - 1 }, (_, step) => ({
    to: (index + step + 1) % count,
    from: (index - step - 1 + count) % count,
  }));
}

/**
 * Every member's x as a tensor of its own, each there as soon as it has arrived. The own one comes first, so that
 * work on it fills the time until the others are there.
 */
export function gatherBlocks(x: Tensor, group: Group): { readonly member: number; readonly block: Tensor }[] {
  const received = ring(group).map(({ to, from }) => ({
    member: from,
    block: apply(swapOp, [x], { group, to, from }),
  }));
  return [{ member: group.index, block: x }, ...received];
}

/**
 * Sum over the members of the block that each makes for this one. `make(member)` is called for the others first, in
 * ring order: a block travels while the next is computed, and the own block is computed while the last ones travel.
 */
export function scatterBlocks(make: (member: number) => Tensor, group: Group): Tensor {
  const received = ring(group).map(({ to, from }) => apply(swapOp, [make(to)], { group, to, from }));
  return received.reduce((total, block) => {
    if (!sameShape(total.shape, block.shape))
      throw new ShapeError('scatterBlocks: blocks of different shapes');
    return add(total, block);
  }, make(group.index));
}
