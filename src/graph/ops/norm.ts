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
} from '../op.ts';
import { apply, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
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
  kernels: ({ inputs: [x], attributes }) => ({
    kernels: [
      {
        shader: 'norm_apply',
        params: layoutWords(x.shape, attributes),
        operands: [input(0), input(1), input(2), input(3), output],
        workgroups: lineOfWorkgroups(sizeOf(x.shape), 64),
      },
    ],
  }),
};

const noSecondDerivative = (): never => {
  throw new ShapeError('norm has no second derivative rule: training does not need it');
};

/** Of x, statistics, weight, dy: the result can take the place of dy. */
const DY = 3;

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
        operands: [input(0), input(1), input(2), inPlace ? unused : input(DY), output],
        workgroups: lineOfWorkgroups(rows * layout.groups * lanes, 64),
      },
    ],
  };
}

const gradientOp: Op<NormLayout> = {
  name: 'normGradient',
  shape: ([x]) => x,
  vjp: noSecondDerivative,
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
        operands: [input(0), input(1), input(2), scratch(0)],
        workgroups: lineOfWorkgroups(parts * channels, 64),
      },
      sumKernel(1, parts, channels, 1, scratch(0), output, accumulate),
    ],
    scratch: [parts * channels],
  };
}

const scaleGradientOp: Op<NormLayout> = {
  name: 'normScaleGradient',
  shape: ([x]) => [x[x.length - 1]],
  vjp: noSecondDerivative,
  kernels: result => scaleGradientKernels(result, false),
  accumulate: result => scaleGradientKernels(result, true),
};

/** Kernels of one invocation a group of a row, for blocks: [rows, groups, 2]. */
function perGroup(name: string, shader: string): Op<NormLayout> {
  return {
    name,
    shape: ([x], layout) => [checked(name, x, layout).rows, layout.groups, 2],
    // Their dependence on x is in the rule of `normApply`.
    vjp: result => result.inputs.map(() => null),
    kernels: ({ inputs, attributes: layout }) => {
      const { rows } = checked(name, inputs[0].shape, layout);
      return {
        kernels: [
          {
            shader,
            params: layoutWords(inputs[0].shape, layout),
            operands: [...inputs.map((_, index) => input(index)), output],
            workgroups: lineOfWorkgroups(rows * layout.groups, 64),
          },
        ],
      };
    },
  };
}

/** x -> mean and sum of squared deviations from it, over the own channels of every group. */
const blockMomentsOp = perGroup('normBlockMoments', 'norm_block_moments');

/** x, statistics, weight, dy -> sums over the own channels of g = dy weight and of g xhat. */
const blockGradientSumsOp = perGroup('normBlockGradientSums', 'norm_block_gradient_sums');

interface MergeAttributes extends NormLayout {
  readonly block: NormBlock;
}

/** Moments of all members [members, rows, groups, 2] -> statistics [rows, groups, 2]. */
const mergeMomentsOp: Op<MergeAttributes> = {
  name: 'normMergeMoments',
  shape: ([moments]) => moments.slice(1),
  vjp: () => [null],
  kernels: ({ shape, attributes: { groups, segments, block } }) => ({
    kernels: [
      {
        shader: 'norm_merge_moments',
        params: [shape[0], groups, segments, block.length, block.group.members.length, f32Bits(EPSILON)],
        operands: [input(0), output],
        workgroups: lineOfWorkgroups(shape[0] * groups, 64),
      },
    ],
  }),
};

function blockGradientKernels({ inputs, attributes }: Tensor<NormLayout>, inPlace: boolean): KernelPlan {
  const [x] = inputs;
  return {
    kernels: [
      {
        shader: 'norm_block_gradient',
        constants: { IN_PLACE: Number(inPlace) },
        params: layoutWords(x.shape, attributes),
        operands: [...inputs.map((_, index) => (inPlace && index === DY ? unused : input(index))), output],
        workgroups: lineOfWorkgroups(sizeOf(x.shape), 64),
      },
    ],
  };
}

/** x, statistics, weight, dy, sums over the whole groups -> dx. */
const blockApplyGradientOp: Op<NormLayout> = {
  name: 'normBlockGradient',
  shape: ([x]) => x,
  vjp: noSecondDerivative,
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
