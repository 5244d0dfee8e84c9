/**
 * Layer norm over groups of channels: statistics over each group of the last axis, scale and shift by channel.
 * Two ops, since the statistics are kept for the backward pass (and, on a mesh, are what ranks would exchange).
 */
import { f32Bits, input, lineOfWorkgroups, type Op, output, scratch } from '../op.ts';
import { apply, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { sumKernel, sumTo } from './reduce.ts';

/** Where the groups lie: channels are cut into `segments` equal parts, and each part into `groups`. */
export interface NormLayout {
  readonly groups: number;
  /**
   * 1: a group is a run of channels. 2: group g is the g-th run of the first half and the g-th run of the second,
   * as for a concatenation of two tensors whose halves live on the same rank.
   */
  readonly segments: number;
}

const EPSILON = 1e-5;
/** Rows added by one invocation in the first pass of the gradient of the scale. */
const ROWS_PER_PART = 64;

function checked(
  name: string,
  x: Shape,
  { groups, segments }: NormLayout,
): { rows: number; channels: number } {
  const channels = x[x.length - 1];
  if (channels % (groups * segments) !== 0) {
    throw new ShapeError(`${name}: ${channels} channels do not divide into ${groups} groups`);
  }
  return { rows: sizeOf(x) / channels, channels };
}

function layoutWords(x: Shape, layout: NormLayout): number[] {
  const { rows, channels } = checked('norm', x, layout);
  return [rows, channels, layout.groups, layout.segments];
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
          params: [...layoutWords(x.shape, layout), f32Bits(EPSILON)],
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
  vjp: ({ inputs: [x, statistics, weight, bias], attributes }, dy) => [
    apply(gradientOp, [x, statistics, weight, dy], attributes),
    null,
    apply(scaleGradientOp, [x, statistics, dy], attributes),
    sumTo(dy, bias.shape),
  ],
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

const gradientOp: Op<NormLayout> = {
  name: 'normGradient',
  shape: ([x]) => x,
  vjp: noSecondDerivative,
  kernels: ({ inputs: [x], attributes: layout }) => {
    const { rows, channels } = checked('norm', x.shape, layout);
    const lanes = lanesFor(channels, layout.groups);
    return {
      kernels: [
        {
          shader: 'norm_gradient',
          constants: { LANES: lanes },
          params: layoutWords(x.shape, layout),
          operands: [input(0), input(1), input(2), input(3), output],
          workgroups: lineOfWorkgroups(rows * layout.groups * lanes, 64),
        },
      ],
    };
  },
};

const scaleGradientOp: Op<NormLayout> = {
  name: 'normScaleGradient',
  shape: ([x]) => [x[x.length - 1]],
  vjp: noSecondDerivative,
  kernels: ({ inputs: [x], attributes: layout }) => {
    const { rows, channels } = checked('norm', x.shape, layout);
    const parts = Math.ceil(rows / ROWS_PER_PART);
    return {
      kernels: [
        {
          shader: 'norm_scale_gradient',
          params: [...layoutWords(x.shape, layout), ROWS_PER_PART, parts],
          operands: [input(0), input(1), input(2), scratch(0)],
          workgroups: lineOfWorkgroups(parts * channels, 64),
        },
        sumKernel(1, parts, channels, 1, scratch(0), output),
      ],
      scratch: [parts * channels],
    };
  },
};

/**
 * (x - mean) / sqrt(variance + 1e-5) * weight + bias, mean and variance over each group of the last axis.
 * x [.., channels], weight and bias [channels].
 * @throws ShapeError where the channels do not divide into the groups.
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, layout: NormLayout): Tensor {
  const statistics = apply(statisticsOp, [x], layout); // [rows, groups, 2]
  return apply(applyOp, [x, statistics, weight, bias], layout);
}
