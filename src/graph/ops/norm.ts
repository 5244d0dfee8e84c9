/**
 * Layer norm over groups of channels: statistics over each group of the last axis, scale and shift by channel.
 * Two ops, since the statistics are kept for the backward pass (and, on a mesh, are what ranks would exchange).
 */
import {
  ADDED,
  applyKernels,
  blockRange,
  checked,
  DY,
  EPSILON,
  gradientKernels,
  layoutWords,
  type NormBlock,
  type NormLayout,
  overlap,
  ownChannels,
  statisticsKernels,
  statisticsSize,
  vectorGradientKernels,
} from '../kernels/norm.ts';
import {
  f32Bits,
  input,
  type KernelPlan,
  lineOfWorkgroups,
  type Op,
  output,
  unused,
  updated,
  work,
} from '../op.ts';
import { apply, noSecondDerivative, ShapeError, sameShape, sizeOf, type Tensor } from '../tensor.ts';
import { isPlain } from '../view.ts';
import { allGather, allReduce } from './collective.ts';
import { isSumOfRows, sumTo } from './reduce.ts';

export type { NormBlock, NormLayout };

const statisticsOp: Op<NormLayout> = {
  name: 'normStatistics',
  shape: ([x], layout) => [checked('norm', x, layout).rows, layout.groups, 2],
  // The rule of `normApply` accounts for the statistics' dependence on x.
  vjp: () => [null],
  kernels: ({ inputs: [x], attributes }) =>
    statisticsKernels(x.shape, attributes, { apply: false, keep: true }),
};

const applyOp: Op<NormLayout> = {
  name: 'norm',
  shape: ([x, , weight, bias], layout) => {
    const { channels } = checked('norm', x, layout);
    if (weight[0] !== channels || bias[0] !== channels) {
      throw new ShapeError(`norm: scale [${weight}] and shift [${bias}] for ${channels} channels`);
    }
    return x;
  },
  vjp: ({ inputs: [x, statistics, weight, bias], attributes }, dy) => {
    // The vectors' gradients first: after them that of x can take the place of dy.
    const dWeight = apply(scaleGradientOp, [x, statistics, dy], attributes);
    const dBias = sumTo(dy, bias.shape);
    const dx = attributes.block
      ? blockGradient(x, statistics, weight, dy, attributes, attributes.block)
      : apply(gradientOp, [x, statistics, weight, dy], attributes);
    return [dx, null, dWeight, dBias];
  },
  kernels: ({ inputs: [x], attributes }) => applyKernels(x.shape, attributes),
  // Its own statistics come of the same pass.
  together: ({ inputs: [x, statistics, weight, bias], attributes }, other, needed) =>
    other.op === (statisticsOp as Op<unknown>) && other === statistics
      ? { op: normOp, attributes: { ...attributes, keep: needed }, inputs: [x, weight, bias] }
      : undefined,
};

interface NormAttributes extends NormLayout {
  /** The statistics are a further result. */
  readonly keep: boolean;
}

/** x, weight, bias -> the norm. */
const normOp: Op<NormAttributes> = {
  name: 'norm',
  shape: ([x]) => x,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ inputs: [x], attributes }) =>
    statisticsKernels(x.shape, attributes, { apply: true, keep: attributes.keep }),
};

interface GradientAttributes extends NormLayout {
  /** A further input is added to the result. */
  readonly added?: boolean;
}

const gradientOp: Op<GradientAttributes> = {
  name: 'normGradient',
  shape: ([x]) => x,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ inputs: [x], attributes }) => gradientKernels(x.shape, attributes, attributes.added ?? false),
  inPlace: ({ inputs: [x], attributes }, index) =>
    index === DY || index === ADDED
      ? gradientKernels(x.shape, attributes, attributes.added ?? false, index)
      : undefined,
  followedBy({ op, inputs: [x], attributes }, { shape, views, links }) {
    const adds = links.length === 1 && links[0].function === 'add' && isPlain(views[1]);
    if (attributes.added || !adds || !sameShape(shape, x.shape)) return undefined;
    return { op: { ...gradientOp, name: `${op.name}, add` }, attributes: { ...attributes, added: true } };
  },
};

const scaleGradientOp: Op<NormLayout> = {
  name: 'normScaleGradient',
  shape: ([x]) => [x[x.length - 1]],
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ inputs: [x], attributes }) => vectorGradientKernels(x.shape, attributes, {}),
  accumulate: ({ inputs: [x], attributes }) =>
    vectorGradientKernels(x.shape, attributes, { accumulate: true }),
  // The gradient of the shift is the sum of what it reads.
  together: ({ inputs, attributes }, other) => {
    const [{ shape }, , dy] = inputs;
    return isSumOfRows(other, dy, shape[shape.length - 1])
      ? { op: vectorGradientsOp, attributes, inputs }
      : undefined;
  },
};

/** x, statistics, dy -> the gradient of the scale; further that of the shift. */
const vectorGradientsOp: Op<NormLayout> = {
  name: 'normVectorGradients',
  shape: ([x]) => [x[x.length - 1]],
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ inputs: [x], attributes }) => vectorGradientKernels(x.shape, attributes, { shift: true }),
};

/**
 * Kernels of one invocation a group of a row, for blocks: [rows, groups, 2].
 *
 * @param flops of a group of a row that has so many own channels, at least one
 */
function perGroup(name: string, shader: string, flops: (channels: number) => number): Op<NormLayout> {
  return {
    name,
    shape: ([x], layout) => [checked(name, x, layout).rows, layout.groups, 2],
    // Their dependence on x is in the rule of `normApply`.
    vjp: result => result.inputs.map(() => null),
    kernels: ({ inputs, attributes: layout }) => {
      const [x] = inputs;
      const { rows } = checked(name, x.shape, layout);
      const filled = ownChannels(x.shape, layout).filter(count => count > 0);
      const ofRow = filled.reduce((total, count) => total + flops(count), 0);
      const read = inputs.reduce((total, { shape }) => total + sizeOf(shape), 0);
      return {
        kernels: [
          {
            shader,
            params: layoutWords(x.shape, layout),
            operands: [...inputs.map((_, index) => input(index)), output],
            workgroups: lineOfWorkgroups(rows * layout.groups, 64),
            work: work('reduction', rows * ofRow, read, statisticsSize(x.shape, layout)),
          },
        ],
      };
    },
  };
}

/** x -> mean and sum of squared deviations from it, over the own channels of every group. */
const blockMomentsOp = perGroup('normBlockMoments', 'norm_block_moments', n => 4 * n - 1);

/** x, statistics, weight, dy -> sums over the own channels of g = dy weight and of g xhat. */
const blockGradientSumsOp = perGroup('normBlockGradientSums', 'norm_block_gradient_sums', n => 6 * n - 2);

interface MergeAttributes extends NormLayout {
  readonly block: NormBlock;
}

/** Moments of all members [members, rows, groups, 2] -> statistics [rows, groups, 2]. */
const mergeMomentsOp: Op<MergeAttributes> = {
  name: 'normMergeMoments',
  shape: ([moments]) => moments.slice(1),
  vjp: () => [null],
  kernels: ({ shape, attributes: { groups, segments, block } }) => {
    const members = block.group.members.length;
    const run = block.length / groups;
    const merges = Array.from({ length: groups * members }, (_, index) => {
      const { first, count } = blockRange(block, index % members);
      return overlap(Math.floor(index / members) * run, run, first, count) > 0;
    }).filter(Boolean).length;
    return {
      kernels: [
        {
          shader: 'norm_merge_moments',
          params: [shape[0], groups, segments, block.length, members, f32Bits(EPSILON)],
          operands: [input(0), output],
          workgroups: lineOfWorkgroups(shape[0] * groups, 64),
          work: work(
            'reduction',
            shape[0] * (10 * merges + 4 * groups),
            members * sizeOf(shape),
            sizeOf(shape),
          ),
        },
      ],
    };
  },
};

function blockGradientKernels({ inputs, attributes }: Tensor<NormLayout>, inPlace: boolean): KernelPlan {
  const [x] = inputs;
  const size = sizeOf(x.shape);
  const { channels } = checked('norm', x.shape, attributes);
  const sums = statisticsSize(x.shape, attributes);
  return {
    kernels: [
      {
        shader: 'norm_block_gradient',
        constants: { IN_PLACE: Number(inPlace) },
        params: layoutWords(x.shape, attributes),
        operands: [
          ...inputs.map((_, index) => (inPlace && index === DY ? unused : input(index))),
          inPlace ? updated : output,
        ],
        workgroups: lineOfWorkgroups(size, 64),
        // The means of a group are two quotients of its sums.
        work: work('pointwise', 7 * size + sums, 2 * size + 2 * sums + channels, size),
      },
    ],
  };
}

/** x, statistics, weight, dy, sums over the whole groups -> dx. */
const blockApplyGradientOp: Op<NormLayout> = {
  name: 'normBlockGradient',
  shape: ([x]) => x,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: result => blockGradientKernels(result, false),
  inPlace: (result, index) => (index === DY ? blockGradientKernels(result, true) : undefined),
};

/**
 * Statistics of groups that reach over blocks: every member's mean and squared deviations, merged by the formula of
 * Chan, Golub and LeVeque (1979), which loses nothing to cancellation.
 */
function blockStatistics(x: Tensor, layout: NormLayout, block: NormBlock): Tensor {
  const moments = apply(blockMomentsOp, [x], layout); // [rows, groups, 2]
  return apply(mergeMomentsOp, [allGather(moments, block.group, true)], { ...layout, block });
}

function blockGradient(
  x: Tensor,
  statistics: Tensor,
  weight: Tensor,
  dy: Tensor,
  layout: NormLayout,
  { group }: NormBlock,
): Tensor {
  const sums = allReduce(apply(blockGradientSumsOp, [x, statistics, weight, dy], layout), group);
  return apply(blockApplyGradientOp, [x, statistics, weight, dy, sums], layout);
}

/**
 * (x - mean) / sqrt(variance + 1e-5) * weight + bias, mean and variance over each group of the last axis.
 * x [.., channels], weight and bias [channels].
 * @throws ShapeError where the channels do not divide into the groups.
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, layout: NormLayout): Tensor {
  const statistics = layout.block
    ? blockStatistics(x, layout, layout.block)
    : apply(statisticsOp, [x], layout); // [rows, groups, 2]
  return apply(applyOp, [x, statistics, weight, bias], layout);
}
