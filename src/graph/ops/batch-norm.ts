/**
 * Batch norm of images [N, C, H, W] (Ioffe and Szegedy 2015): every channel by mean and variance of all of its values in the
 * batch, or by running ones, which are kept from step to step (`stateTensor`).
 *
 * Ranks that hold parts of the batch can norm by all of it: they exchange means and variances, which are merged by their
 * differences, and in the backward pass the two sums of every channel.
 *
 * The mean is held as a sum of two numbers: at a mean of a thousand deviations a single one would round away digits of the
 * result.
 */
import {
  BATCH_DY,
  batchApplyKernels,
  batchGradientKernels,
  batchGradientSumsKernels,
  batchStatisticsKernels,
  mergedStatisticsKernels,
  planesOf,
  runningKernels,
  runningUpdateKernels,
  STATISTICS,
} from '../kernels/batch-norm.ts';
import type { Finish, Group, Op } from '../op.ts';
import { apply, noSecondDerivative, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { finishOf } from './chain.ts';
import { allGather, allReduce } from './collective.ts';
import { reshape, slice } from './copy.ts';
import { scale as scaled } from './elementwise.ts';

interface EpsilonAttributes {
  readonly epsilon: number;
}

/** x -> [channels, 4]: see `STATISTICS`. */
const statisticsOp: Op<EpsilonAttributes> = {
  name: 'batchStatistics',
  shape: ([x]) => [planesOf(x).channels, STATISTICS],
  // The rule of `batchNorm` accounts for the statistics' dependence on x.
  vjp: () => [null],
  kernels: ({ inputs: [x], attributes }) => batchStatisticsKernels(x.shape, attributes.epsilon),
};

/** Of as many values each [parts, channels, 4] -> of all [channels, 4]. */
const mergedOp: Op<EpsilonAttributes> = {
  name: 'mergedStatistics',
  shape: ([parts]) => parts.slice(1),
  vjp: () => [null],
  kernels: ({ inputs: [{ shape }], attributes }) =>
    mergedStatisticsKernels(shape[0], shape[1], attributes.epsilon),
};

/** running [2, channels] -> statistics. */
const runningOp: Op<EpsilonAttributes> = {
  name: 'runningStatistics',
  shape: ([running]) => [running[1], STATISTICS],
  vjp: () => [null],
  kernels: ({ shape, attributes }) => runningKernels(shape[0], attributes.epsilon),
};

interface ApplyAttributes {
  /** The statistics are not those of x. */
  readonly fixed: boolean;
  /** They are those of the x of all its members. */
  readonly group?: Group;
  readonly finish?: Finish;
  /** Of the result, where what follows has another one of its size. */
  readonly shape?: Shape;
}

/** x, statistics, scale, shift. */
const applyOp: Op<ApplyAttributes> = {
  name: 'batchNorm',
  shape: ([x, statistics, scale, shift], attributes) => {
    const { channels } = planesOf(x);
    if (x.length !== 4 || [statistics[0], sizeOf(scale), sizeOf(shift)].some(length => length !== channels)) {
      throw new ShapeError(
        `batchNorm: images [${x}] by statistics of ${statistics[0]} channels, scale [${scale}] and shift [${shift}]`,
      );
    }
    return attributes.shape ?? x;
  },
  vjp: ({ inputs: [x, statistics, scale, shift], attributes: { fixed, group } }, dy) => {
    const sums = apply(sumsOp, [x, statistics, dy], null); // [2, channels]
    // The gradient goes by means over all values, and takes them over its own.
    const shared = group ? scaled(allReduce(sums, group), 1 / group.members.length) : sums;
    const inputs = [x, statistics, scale, dy, ...(fixed ? [] : [shared])];
    const row = (index: number) => slice(sums, [index, 0], [1, sums.shape[1]]);
    const dScale = reshape(row(1), scale.shape);
    const dShift = reshape(row(0), shift.shape);
    return [apply(gradientOp, inputs, { fixed }), null, dScale, dShift];
  },
  kernels: ({ inputs: [x], attributes }) => batchApplyKernels(x.shape, attributes.finish),
  followedBy({ op, attributes }, chain) {
    const finish = attributes.finish ? undefined : finishOf(chain, false);
    if (!finish || finish.mask) return undefined;
    const name = [op.name, ...chain.links.map(link => link.function)].join(', ');
    const whole = { ...applyOp, name, vjp: () => noSecondDerivative(name) };
    return { op: whole, attributes: { ...attributes, finish, shape: chain.shape } };
  },
};

/** x, statistics, dy -> [2, channels]: the gradients of shift and scale. */
const sumsOp: Op<null> = {
  name: 'batchGradientSums',
  shape: ([x]) => [2, planesOf(x).channels],
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ inputs: [x] }) => batchGradientSumsKernels(x.shape),
};

/** x, statistics, scale, dy and, unless they are fixed, sums -> dx. */
const gradientOp: Op<Pick<ApplyAttributes, 'fixed'>> = {
  name: 'batchGradient',
  shape: ([x]) => x,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ shape, attributes }) => batchGradientKernels(shape, attributes.fixed, false),
  inPlace: ({ shape, attributes }, index) =>
    index === BATCH_DY ? batchGradientKernels(shape, attributes.fixed, true) : undefined,
};

interface UpdateAttributes {
  readonly momentum: number;
  /** Values of a channel that the statistics are of. */
  readonly count: number;
}

/** running [2, channels], statistics -> the next running values. */
const updateOp: Op<UpdateAttributes> = {
  name: 'batchUpdate',
  shape: ([running]) => running,
  vjp: () => [null, null],
  kernels: ({ shape, attributes: { momentum, count } }) =>
    runningUpdateKernels(shape[1], momentum, count, false),
  inPlace: ({ shape, attributes: { momentum, count } }, index) =>
    index === 0 ? runningUpdateKernels(shape[1], momentum, count, true) : undefined,
};

export interface BatchNormOptions {
  /** Added to the variance; 1e-5 where absent. */
  readonly epsilon?: number;
  /** Share of the batch in the next running values; 0.1 where absent. */
  readonly momentum?: number;
  /** Ranks that have as many images of the same batch each: statistics are those of all. The own ones where absent. */
  readonly group?: Group;
}

/** What comes of a batch that is trained on. */
export interface TrainedBatch {
  readonly y: Tensor;
  /** Running mean and (unbiased) variance after it: [2, C]. */
  readonly running: Tensor;
}

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + shift, by mean and variance of the batch over N, H and W. x [N, C, H, W],
 * running [2, C], scale and shift [C].
 * @throws ShapeError also where a channel has a single value, which has no variance
 */
export function batchNorm(
  x: Tensor,
  running: Tensor,
  scale: Tensor,
  shift: Tensor,
  { epsilon = 1e-5, momentum = 0.1, group }: BatchNormOptions = {},
): TrainedBatch {
  checkRunning(x, running);
  const { images, positions } = planesOf(x.shape);
  const shared = group && group.members.length > 1 ? group : undefined;
  const count = images * positions * (shared?.members.length ?? 1);
  if (count < 2)
    throw new ShapeError(`batchNorm: images [${x.shape}] have one value a channel, and no variance`);
  const own = apply(statisticsOp, [x], { epsilon }); // [C, 4]
  const statistics = shared ? apply(mergedOp, [allGather(own, shared, true)], { epsilon }) : own;
  return {
    y: apply(applyOp, [x, statistics, scale, shift], { fixed: false, ...(shared ? { group: shared } : {}) }),
    running: apply(updateOp, [running, statistics], { momentum, count }),
  };
}

/** The same by running mean and variance: in evaluation. @throws ShapeError */
export function batchNormBy(
  x: Tensor,
  running: Tensor,
  scale: Tensor,
  shift: Tensor,
  { epsilon = 1e-5 }: BatchNormOptions = {},
): Tensor {
  checkRunning(x, running);
  const statistics = apply(runningOp, [running], { epsilon }); // [C, 4]
  return apply(applyOp, [x, statistics, scale, shift], { fixed: true });
}

function checkRunning(x: Tensor, { shape }: Tensor): void {
  const channels = x.shape[1];
  if (x.shape.length !== 4 || shape.length !== 2 || shape[0] !== 2 || shape[1] !== channels) {
    throw new ShapeError(
      `batchNorm: images [${x.shape}] and running values [${shape}], not [2, ${channels}]`,
    );
  }
}
