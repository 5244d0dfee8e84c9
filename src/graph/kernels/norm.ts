/** The kernels of layer norm, and what they share: where the groups of channels lie. */
import {
  f32Bits,
  further,
  type Group,
  input,
  type Kernel,
  type KernelPlan,
  lineOfWorkgroups,
  output,
  type Shape,
  scratch,
  unused,
  updated,
  type Work,
  work,
} from '../op.ts';
import { sumKernel } from '../ops/reduce.ts';
import { ShapeError, sizeOf } from '../tensor.ts';

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
export function blockRange({ group, length }: NormBlock, member: number): { first: number; count: number } {
  const [least, longer] = [Math.floor(length / group.members.length), length % group.members.length];
  return {
    first: member * least + Math.min(member, longer),
    count: least + (member < longer ? 1 : 0),
  };
}

export const EPSILON = 1e-5;
export function checked(
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

/** The words of a `Layout`: see `shaders/prelude/norm.wgsl`. */
export function layoutWords(x: Shape, layout: NormLayout): number[] {
  const { rows, channels } = checked('norm', x, layout);
  const { groups, segments, block } = layout;
  const own = channels / segments;
  const { first, count } = block ? blockRange(block, block.group.index) : { first: 0, count: own };
  return [rows, channels, groups, segments, block?.length ?? own, first, count, 0];
}

/** Floats of the statistics of x: mean and 1 / deviation of every group of a row. */
export function statisticsSize(x: Shape, layout: NormLayout): number {
  return 2 * checked('norm', x, layout).rows * layout.groups;
}

/** Own channels of every group, by which a sum over a group of a row has so many terms. */
export function ownChannels(x: Shape, { groups, segments, block }: NormLayout): number[] {
  const own = x[x.length - 1] / segments;
  const run = (block?.length ?? own) / groups;
  const { first, count } = block ? blockRange(block, block.group.index) : { first: 0, count: own };
  return Array.from({ length: groups }, (_, group) => segments * overlap(group * run, run, first, count));
}

/** Length of what two runs, each with its beginning and length, have in common. */
export function overlap(a: number, lengthA: number, b: number, lengthB: number): number {
  return Math.max(0, Math.min(a + lengthA, b + lengthB) - Math.max(a, b));
}

/** Invocations that share a group: one where groups are short, a workgroup of 64 where they are long. */
function lanesFor(channels: number, groups: number): number {
  return channels / groups > 64 ? 64 : 1;
}

/**
 * Statistics of x, input 0; with `apply` what comes of x with scale and shift, inputs 1 and 2, is the result, and the
 * statistics are a further one, if they are to be kept.
 */
export function statisticsKernels(
  x: Shape,
  layout: NormLayout,
  { apply, keep }: { readonly apply: boolean; readonly keep: boolean },
): KernelPlan {
  const { rows, channels } = checked('norm', x, layout);
  const lanes = lanesFor(channels, layout.groups);
  const statistics = statisticsSize(x, layout);
  // Of n channels: the mean n, the squared deviations 3 n - 1, and 4 for 1 / sqrt(squares / n + epsilon).
  const flops = 4 * rows * channels + 3 * rows * layout.groups;
  const size = rows * channels;
  return {
    kernels: [
      {
        shader: 'norm_statistics',
        constants: { LANES: lanes, APPLY: Number(apply), KEEP: Number(keep) },
        params: [...layoutWords(x, layout), f32Bits(EPSILON)],
        operands: apply
          ? [input(0), input(1), input(2), keep ? further(0) : unused, output]
          : [input(0), unused, unused, output, unused],
        workgroups: lineOfWorkgroups(rows * layout.groups * lanes, 64),
        work: apply
          ? work('reduction', flops + 4 * size, size + 2 * channels, size + (keep ? statistics : 0))
          : work('reduction', flops, size, statistics),
      },
    ],
  };
}

/** Inputs x, statistics, scale, shift. */
export function applyKernels(x: Shape, layout: NormLayout): KernelPlan {
  const { rows, channels } = checked('norm', x, layout);
  const size = rows * channels;
  return {
    kernels: [
      {
        shader: 'norm_apply',
        params: layoutWords(x, layout),
        operands: [input(0), input(1), input(2), input(3), output],
        workgroups: lineOfWorkgroups(size, 64),
        work: work('pointwise', 4 * size, size + statisticsSize(x, layout) + 2 * channels, size),
      },
    ],
  };
}

/** Of x, statistics, scale, dy, and what is added: the result can take the place of the last two. */
export const DY = 3;
export const ADDED = 4;

/** Of kernels that read x, statistics, scale, dy and, with `added`, that, and write dx. */
function gradientWork(x: Shape, layout: NormLayout, flops: number, added: boolean): Work {
  const { rows, channels } = checked('norm', x, layout);
  const size = rows * channels;
  const read = (added ? 3 : 2) * size + statisticsSize(x, layout) + channels;
  return work('reduction', flops + (added ? size : 0), read, size);
}

/** @param place the input whose place the result takes */
export function gradientKernels(x: Shape, layout: NormLayout, added: boolean, place?: number): KernelPlan {
  const { rows, channels } = checked('norm', x, layout);
  const lanes = lanesFor(channels, layout.groups);
  return {
    kernels: [
      {
        shader: 'norm_gradient',
        constants: {
          LANES: lanes,
          ADDED: Number(added),
          PLACE: place === undefined ? 0 : place - DY + 1,
        },
        params: layoutWords(x, layout),
        operands: [
          input(0),
          input(1),
          input(2),
          place === DY ? unused : input(DY),
          added && place !== ADDED ? input(ADDED) : unused,
          place === undefined ? output : updated,
        ],
        workgroups: lineOfWorkgroups(rows * layout.groups * lanes, 64),
        // Of n channels: g n, xhat 2 n, the means of g and of g xhat 3 n, and 4 n to put them together.
        work: gradientWork(x, layout, 10 * rows * channels, added),
      },
    ],
  };
}

/** Rows that one workgroup adds up: more are cut into parts, which a second pass sums. */
const ROWS_PER_PART = 256;
/** Invocations that share a channel. */
const LANES_OF_CHANNEL = 4;

/**
 * The gradient of the scale, added to what the result holds with `accumulate`; with `shift` that of the shift is a further
 * result. Inputs x, statistics, dy.
 */
export function vectorGradientKernels(
  x: Shape,
  layout: NormLayout,
  { accumulate = false, shift = false },
): KernelPlan {
  const { rows, channels } = checked('norm', x, layout);
  const parts = Math.ceil(rows / ROWS_PER_PART);
  const results = channels * (shift ? 2 : 1);
  const whole = accumulate ? updated : output;
  const own = accumulate && parts === 1 ? channels : 0;
  const kernel: Kernel = {
    shader: 'norm_vector_gradients',
    constants: { SHIFT: Number(shift) },
    params: [...layoutWords(x, layout), ROWS_PER_PART, parts, Number(own > 0)],
    operands: [
      input(0),
      input(1),
      input(2),
      shift ? (parts > 1 ? scratch(1, 'write') : further(0)) : unused,
      parts > 1 ? scratch(0, 'write') : whole,
    ],
    workgroups: lineOfWorkgroups(parts * channels * LANES_OF_CHANNEL, 64),
    work: work(
      'reduction',
      channels * (4 * rows - parts) + (shift ? channels * (rows - parts) : 0) + own,
      2 * rows * channels + statisticsSize(x, layout) + own,
      parts * results,
    ),
  };
  if (parts === 1) return { kernels: [kernel] };
  const sums = [sumKernel(1, parts, channels, 1, scratch(0, 'read'), whole)];
  if (shift) sums.push(sumKernel(1, parts, channels, 1, scratch(1, 'read'), further(0)));
  return { kernels: [kernel, ...sums], scratch: sums.map(() => parts * channels) };
}
