/** The kernels of batch norm: x is seen as [images, channels, positions]. */
import {
  type Finish,
  f32Bits,
  input,
  type Kernel,
  type KernelPlan,
  lineOfWorkgroups,
  output,
  scratch,
  unused,
  updated,
  work,
} from '../op.ts';
import { codeOf, flopsOf } from '../ops/chain.ts';
import { sumKernel } from '../ops/reduce.ts';
import { type Shape, sizeOf } from '../tensor.ts';

/** Words of a channel's statistics: centre and rest of its mean, 1 / deviation, variance. */
export const STATISTICS = 4;

interface Planes {
  readonly images: number;
  readonly channels: number;
  readonly positions: number;
}

export function planesOf([images, channels, ...rest]: Shape): Planes {
  return { images, channels, positions: sizeOf(rest) };
}

/**
 * Invocations that share a plane: one where planes are small, so that nothing waits, a workgroup where they are large. Each
 * adds up what all of them have, so there are fewer of them than values for each.
 */
function lanesFor({ positions }: Planes): number {
  if (positions <= 64) return 1;
  if (positions <= 256) return 4;
  return positions <= 4096 ? 16 : 64;
}

/** One kernel that reads whole planes. */
function planeKernel(
  planes: Planes,
  kernel: Pick<Kernel, 'shader' | 'params' | 'operands' | 'work'>,
): Kernel {
  const lanes = lanesFor(planes);
  return {
    ...kernel,
    constants: { LANES: lanes },
    workgroups: lineOfWorkgroups(planes.images * planes.channels * lanes, 64),
  };
}

/** x -> statistics [channels, 4]. */
export function batchStatisticsKernels(x: Shape, epsilon: number): KernelPlan {
  const planes = planesOf(x);
  const { images, channels, positions } = planes;
  const moments = STATISTICS * images * channels;
  // Of n values: the mean n, deviations n, their sum n - 1, the sum of their squares 2 n - 1, and 3 for rest and squares.
  const ofPlanes = images * channels * (5 * positions + 1);
  return {
    kernels: [
      planeKernel(planes, {
        shader: 'batch_moments',
        params: [images * channels, positions],
        operands: [input(0), scratch(0, 'write')],
        work: work('reduction', ofPlanes, sizeOf(x), moments),
      }),
      {
        shader: 'batch_merge',
        params: [images, channels, positions, f32Bits(epsilon)],
        operands: [scratch(0, 'read'), output],
        workgroups: lineOfWorkgroups(channels, 64),
        work: work('reduction', channels * (9 * (images - 1) + 4), moments, STATISTICS * channels),
      },
    ],
    scratch: [moments],
  };
}

/** Statistics of as many values each [parts, channels, 4] -> those of all [channels, 4]. */
export function mergedStatisticsKernels(parts: number, channels: number, epsilon: number): KernelPlan {
  return {
    kernels: [
      {
        shader: 'batch_merge',
        constants: { VARIANCES: 1 },
        params: [parts, channels, 1, f32Bits(epsilon)],
        operands: [input(0), output],
        workgroups: lineOfWorkgroups(channels, 64),
        work: work(
          'reduction',
          channels * (9 * (parts - 1) + 4),
          STATISTICS * parts * channels,
          STATISTICS * channels,
        ),
      },
    ],
  };
}

/** Neighbours of a plane that one invocation makes. */
const runFor = ({ positions }: Planes): number => (positions % 4 === 0 ? 4 : 1);

/** x, statistics, scale, shift and, where the finish has one, another operand. */
export function batchApplyKernels(x: Shape, finish: Finish | undefined): KernelPlan {
  const { channels, positions } = planesOf(x);
  const { links = [] } = finish ?? {};
  const readsOther = links.some(({ operand }) => operand !== undefined);
  const size = sizeOf(x);
  const run = runFor(planesOf(x));
  const read = size * (readsOther ? 2 : 1) + (STATISTICS + 2) * channels;
  return {
    kernels: [
      {
        shader: 'batch_apply',
        constants: { RUN: run, F1: codeOf(links[0]), F2: codeOf(links[1]) },
        params: [size, channels, positions],
        operands: [input(0), input(1), input(2), input(3), readsOther ? input(4) : unused, output],
        workgroups: lineOfWorkgroups(size / run, 64),
        work: work('pointwise', size * (5 + flopsOf(links)), read, size),
      },
    ],
  };
}

/** x, statistics, dy -> sums over each channel of dy and of dy xhat: [2, channels]. */
export function batchGradientSumsKernels(x: Shape): KernelPlan {
  const planes = planesOf(x);
  const { images, channels, positions } = planes;
  const results = 2 * channels;
  const kernel = planeKernel(planes, {
    shader: 'batch_gradient_sums',
    params: [images * channels, channels, positions],
    operands: [input(0), input(1), input(2), images > 1 ? scratch(0, 'write') : output],
    // xhat 3 n, dy xhat n, and two sums of n.
    work: work(
      'reduction',
      images * channels * (6 * positions - 2),
      2 * sizeOf(x) + STATISTICS * channels,
      images * results,
    ),
  });
  if (images === 1) return { kernels: [kernel] };
  const sum = sumKernel(1, images, results, 1, scratch(0, 'read'), output);
  return { kernels: [kernel, sum], scratch: [images * results] };
}

/** Of x, statistics, scale, dy and, unless the statistics are fixed, sums: the result can take the place of dy. */
export const BATCH_DY = 3;

export function batchGradientKernels(x: Shape, fixed: boolean, inPlace: boolean): KernelPlan {
  const { images, channels, positions } = planesOf(x);
  const size = sizeOf(x);
  const run = runFor(planesOf(x));
  const flops = fixed ? size + channels : 7 * size + 3 * channels;
  const read = (fixed ? 1 : 2) * size + (STATISTICS + (fixed ? 1 : 3)) * channels;
  return {
    kernels: [
      {
        shader: 'batch_gradient',
        constants: { RUN: run, FIXED: Number(fixed), IN_PLACE: Number(inPlace) },
        params: [size, channels, positions, f32Bits(images * positions)],
        operands: [
          fixed ? unused : input(0),
          input(1),
          input(2),
          inPlace ? unused : input(BATCH_DY),
          fixed ? unused : input(4),
          inPlace ? updated : output,
        ],
        workgroups: lineOfWorkgroups(size / run, 64),
        work: work('pointwise', flops, read, size),
      },
    ],
  };
}

/** running [2, channels] -> statistics [channels, 4]. */
export function runningKernels(channels: number, epsilon: number): KernelPlan {
  return {
    kernels: [
      {
        shader: 'batch_running',
        params: [channels, f32Bits(epsilon)],
        operands: [input(0), output],
        workgroups: lineOfWorkgroups(channels, 64),
        work: work('pointwise', 3 * channels, 2 * channels, STATISTICS * channels),
      },
    ],
  };
}

/** running, statistics -> the next running values; `count` values of a channel were seen. */
export function runningUpdateKernels(
  channels: number,
  momentum: number,
  count: number,
  inPlace: boolean,
): KernelPlan {
  return {
    kernels: [
      {
        shader: 'batch_update',
        constants: { IN_PLACE: Number(inPlace) },
        params: [channels, f32Bits(momentum), f32Bits(count / (count - 1))],
        operands: [inPlace ? unused : input(0), input(1), inPlace ? updated : output],
        workgroups: lineOfWorkgroups(channels, 64),
        work: work('pointwise', 8 * channels, (2 + STATISTICS) * channels, 2 * channels),
      },
    ],
  };
}
