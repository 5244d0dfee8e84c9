/**
 * Layer norm over groups of channels: statistics over each group of the last axis, scale and shift by channel.
 * Two ops, since the statistics are kept for the backward pass (and, on a mesh, are what ranks would exchange).
 */
import {
  f32Bits,
  type Group,
  input,
  type KernelPlan,
  lineOfWorkgroups,
  type Op,
  output,
  scratch,
  unused,
  updated,
  type Work,
  work,
} from '../op.ts';
import { apply, noSecondDerivative, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { allGather, allReduce } from './collective.ts';
import { sumKernel, sumTo } from './reduce.ts';

/** Where the groups lie: channels are cut into `segments` equal parts, and each part into `groups`. */
export interface NormLayout {
  readonly groups: number;
  /**
   * 1: a group is a run of channels. 2: group g is the g-th run of the first half and the g-th run of the second,
   * as for a concatenation of two tensors whose halves live on the same rank.
   */
  readonly segments: number;
  /** For a tensor that holds a block of the channels only, whose groups reach over other blocks. */
  readonly block?: NormBlock;
}

export interface NormBlock {
  /**
   * The members of the group hold the blocks in order, as equal as can be: the first ones have one channel more where
   * they do not divide, and the others end in padding.
   */
  readonly group: Group;
  /** Channels of a segment of the whole. */
  readonly length: number;
}

/** First channel of a member's block, and how many it has. */
function blockRange({ group, length }: NormBlock, member: number): { first: number; count: number } {
  const [least, longer] = [Math.floor(length / group.members.length), length % group.members.length];
  return {
    first: member * least + Math.min(member, longer),
    count: least + (member < longer ? 1 : 0),
  };
}

const EPSILON = 1e-5;
/** Rows added by one invocation in the first pass of the gradient of the scale. */
const ROWS_PER_PART = 64;

function checked(
  name: string,
  x: Shape,
  { groups, segments, block }: NormLayout,
): { rows: number; channels: number } {
  const channels = x[x.length - 1];
  const whole = block ? block.length * segments : channels;
  if (channels % segments !== 0 || whole % (groups * segments) !== 0) {
    throw new ShapeError(`${name}: ${whole} channels do not divide into ${groups} groups`);
  }
  return { rows: sizeOf(x) / channels, channels };
}

/**
 * Rows, channels, groups, segments, then of a segment: channels of the whole, where the own ones begin in it, and how
 * many they are.
 */
function layoutWords(x: Shape, layout: NormLayout): number[] {
  const { rows, channels } = checked('norm', x, layout);
  const { groups, segments, block } = layout;
  const own = channels / segments;
  const { first, count } = block ? blockRange(block, block.group.index) : { first: 0, count: own };
  return [rows, channels, groups, segments, block?.length ?? own, first, count];
}

/** Floats of the statistics of x: mean and 1 / deviation of every group of a row. */
function statisticsSize(x: Shape, layout: NormLayout): number {
  return 2 * checked('norm', x, layout).rows * layout.groups;
}

/** Own channels of every group, by which a sum over a group of a row has so many terms. */
function ownChannels(x: Shape, { groups, segments, block }: NormLayout): number[] {
  const own = x[x.length - 1] / segments;
  const run = (block?.length ?? own) / groups;
  const { first, count } = block ? blockRange(block, block.group.index) : { first: 0, count: own };
  return Array.from({ length: groups }, (_, group) => segments * overlap(group * run, run, first, count));
}

/** Length of what two runs, each with its beginning and length, have in common. */
function overlap(a: number, lengthA: number, b: number, lengthB: number): number {
  return Math.max(0, Math.min(a + lengthA, b + lengthB) - Math.max(a, b));
}

/** Invocations that share a group: one where groups are short, a workgroup of 64 where they are long. */
function lanesFor(channels: number, groups: number): number {
  return channels / groups > 64 ? 64 : 1;
}

const statisticsOp: Op<NormLayout> = {
  name: 'normStatistics',
  shape: ([x], layout) => [checked('norm', x, layout).rows, layout.groups, 2],
  // The rule of `normApply` accounts for the statistics' dependence on x.
  vjp: () => [null],
  kernels: ({ inputs: [x], attributes: layout }) => {
    const { rows, channels } = checked('norm', x.shape, layout);
    const lanes = lanesFor(channels, layout.groups);
    return {
      kernels: [
        {
          shader: 'norm_statistics',
          constants: { LANES: lanes },
          params: [...layoutWords(x.shape, layout).slice(0, 4), f32Bits(EPSILON)],
          operands: [input(0), output],
          workgroups: lineOfWorkgroups(rows * layout.groups * lanes, 64),
          // Of n channels: the mean n, the squared deviations 3 n - 1, and 4 for 1 / sqrt(squares / n + epsilon).
          work: work(
            'reduction',
            4 * rows * channels + 3 * rows * layout.groups,
            rows * channels,
            statisticsSize(x.shape, layout),
          ),
        },
      ],
    };
  },
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
  kernels: ({ inputs: [x], attributes }) => {
    const size = sizeOf(x.shape);
    const { channels } = checked('norm', x.shape, attributes);
    return {
      kernels: [
        {
          shader: 'norm_apply',
          params: layoutWords(x.shape, attributes),
          operands: [input(0), input(1), input(2), input(3), output],
          workgroups: lineOfWorkgroups(size, 64),
          work: work('pointwise', 4 * size, size + statisticsSize(x.shape, attributes) + 2 * channels, size),
        },
      ],
    };
  },
};

/** Of x, statistics, weight, dy: the result can take the place of dy. */
const DY = 3;

/** Of kernels that read x, statistics, weight and dy, and write dx. */
function gradientWork(x: Shape, layout: NormLayout, flops: number): Work {
  const { rows, channels } = checked('norm', x, layout);
  const read = 2 * rows * channels + statisticsSize(x, layout) + channels;
  return work('reduction', flops, read, rows * channels);
}

function gradientKernels(
  { inputs: [x], attributes: layout }: Tensor<NormLayout>,
  inPlace: boolean,
): KernelPlan {
  const { rows, channels } = checked('norm', x.shape, layout);
  const lanes = lanesFor(channels, layout.groups);
  return {
    kernels: [
      {
        shader: 'norm_gradient',
        constants: { LANES: lanes, IN_PLACE: Number(inPlace) },
        params: layoutWords(x.shape, layout).slice(0, 4),
        operands: [input(0), input(1), input(2), inPlace ? unused : input(DY), inPlace ? updated : output],
        workgroups: lineOfWorkgroups(rows * layout.groups * lanes, 64),
        // Of n channels: g n, xhat 2 n, the means of g and of g xhat 3 n, and 4 n to put them together.
        work: gradientWork(x.shape, layout, 10 * rows * channels),
      },
    ],
  };
}

const gradientOp: Op<NormLayout> = {
  name: 'normGradient',
  shape: ([x]) => x,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: result => gradientKernels(result, false),
  inPlace: (result, index) => (index === DY ? gradientKernels(result, true) : undefined),
};

function scaleGradientKernels(
  { inputs: [x], attributes }: Tensor<NormLayout>,
  accumulate: boolean,
): KernelPlan {
  const { rows, channels } = checked('norm', x.shape, attributes);
  const parts = Math.ceil(rows / ROWS_PER_PART);
  return {
    kernels: [
      {
        shader: 'norm_scale_gradient',
        params: [...layoutWords(x.shape, attributes), ROWS_PER_PART, parts],
        operands: [input(0), input(1), input(2), scratch(0, 'write')],
        workgroups: lineOfWorkgroups(parts * channels, 64),
        work: work(
          'reduction',
          channels * (4 * rows - parts),
          2 * rows * channels + statisticsSize(x.shape, attributes),
          parts * channels,
        ),
      },
      sumKernel(1, parts, channels, 1, scratch(0, 'read'), accumulate ? updated : output),
    ],
    scratch: [parts * channels],
  };
}

const scaleGradientOp: Op<NormLayout> = {
  name: 'normScaleGradient',
  shape: ([x]) => [x[x.length - 1]],
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: result => scaleGradientKernels(result, false),
  accumulate: result => scaleGradientKernels(result, true),
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
