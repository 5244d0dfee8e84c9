/**
 * Pooling of images [N, C, H, W]: the largest or the mean of every window, and the mean of a whole plane. A maximum's gradient
 * goes to the first pixel that is as large, as PyTorch's does; which that is the backward pass finds anew.
 */
import { f32Bits, input, type Kernel, lineOfWorkgroups, type Op, output, unused, work } from '../op.ts';
import { apply, noSecondDerivative, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { scale } from './elementwise.ts';
import { sum } from './reduce.ts';

/** One value each: along the rows and along the columns. */
type Pair = readonly [number, number];

interface PoolAttributes {
  readonly kind: 'max' | 'average';
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}

/** Pixels that windows along an axis cover, one after the other, and how many different ones. */
interface Cover {
  readonly met: number;
  readonly covered: number;
}

function coverOf(length: number, windows: number, kernel: number, stride: number, padding: number): Cover {
  let [met, covered, end] = [0, 0, 0];
  for (let i = 0; i < windows; i++) {
    const [from, to] = [Math.max(0, i * stride - padding), Math.min(length, i * stride - padding + kernel)];
    met += to - from;
    covered += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return { met, covered };
}

/** @throws ShapeError */
function pooled(x: Shape, { kind, kernel, stride, padding }: PoolAttributes): Shape {
  const fail = (why: string): never => {
    throw new ShapeError(`${kind} pool: images [${x}] by windows of [${kernel}]: ${why}`);
  };
  if (x.length !== 4) fail('images have four axes');
  const after = ([0, 1] as const).map(axis => {
    const [length, taps, step, border] = [x[2 + axis], kernel[axis], stride[axis], padding[axis]];
    const whole = [taps, step, border].every(Number.isInteger) && taps >= 1 && step >= 1 && border >= 0;
    if (!whole) fail(`a stride of ${step} or padding of ${border}`);
    // Else a window could lie in the padding alone.
    if (2 * border > taps) fail(`a padding of ${border} is more than half of ${taps}`);
    if (length + 2 * border < taps) fail(`a window of ${taps} in ${length + 2 * border} pixels`);
    return Math.floor((length + 2 * border - taps) / step) + 1;
  });
  return [x[0], x[1], ...after];
}

function coversOf(x: Shape, y: Shape, { kernel, stride, padding }: PoolAttributes): readonly [Cover, Cover] {
  const cover = (axis: 0 | 1) => coverOf(x[2 + axis], y[2 + axis], kernel[axis], stride[axis], padding[axis]);
  return [cover(0), cover(1)];
}

/** The words of `Windows` in `shaders/prelude/windows.wgsl`. */
function windowWords(
  x: Shape,
  y: Shape,
  size: number,
  { kernel, stride, padding }: PoolAttributes,
): number[] {
  const factor = f32Bits(1 / (kernel[0] * kernel[1]));
  return [size, x[2], x[3], y[2], y[3], ...kernel, ...stride, ...padding, factor];
}

const isAverage = ({ kind }: PoolAttributes) => Number(kind === 'average');

const poolOp: Op<PoolAttributes> = {
  name: 'pool',
  shape: ([x], attributes) => pooled(x, attributes),
  vjp: (result, dy) => [apply(gradientOp, [result.inputs[0], result, dy], result.attributes)],
  kernels: ({ inputs: [x], shape, attributes }) => {
    const [down, across] = coversOf(x.shape, shape, attributes);
    const [planes, size] = [shape[0] * shape[1], sizeOf(shape)];
    const combined = planes * down.met * across.met - size;
    const flops = combined + isAverage(attributes) * size;
    const kernel: Kernel = {
      shader: 'pool',
      constants: { AVERAGE: isAverage(attributes) },
      params: windowWords(x.shape, shape, size, attributes),
      operands: [input(0), output],
      workgroups: lineOfWorkgroups(size, 64),
      work: work('reduction', flops, planes * down.covered * across.covered, size),
    };
    return { kernels: [kernel] };
  },
};

/** x, y, dy -> dx. */
const gradientOp: Op<PoolAttributes> = {
  name: 'poolGradient',
  shape: ([x]) => x,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: ({ inputs: [x, y], shape, attributes }) => {
    const [down, across] = coversOf(shape, y.shape, attributes);
    const average = attributes.kind === 'average';
    const planes = shape[0] * shape[1];
    const [met, covered] = [down.met * across.met, down.covered * across.covered];
    // Of a maximum every window has a choice for each of its pixels.
    const flops = planes * (average ? met : 2 * met - covered);
    const windows = sizeOf(y.shape);
    const kernel: Kernel = {
      shader: 'pool_gradient',
      constants: { AVERAGE: isAverage(attributes) },
      params: windowWords(x.shape, y.shape, sizeOf(shape), attributes),
      operands: [...(average ? [unused, unused] : [input(0), input(1)]), input(2), output],
      workgroups: lineOfWorkgroups(sizeOf(shape), 64),
      work: work('reduction', flops, (average ? 0 : planes * covered + windows) + windows, sizeOf(shape)),
    };
    return { kernels: [kernel] };
  },
};

export interface PoolOptions {
  /** Both ways, or along the rows and along the columns. */
  readonly kernel: number | Pair;
  /** As the kernel where absent. */
  readonly stride?: number | Pair;
  /** At most half of the kernel; 0 where absent. */
  readonly padding?: number | Pair;
}

function pool(x: Tensor, kind: PoolAttributes['kind'], options: PoolOptions): Tensor {
  const { kernel, stride = kernel, padding = 0 } = options;
  const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);
  return apply(poolOp, [x], { kind, kernel: pair(kernel), stride: pair(stride), padding: pair(padding) });
}

/** The largest pixel of every window of x [N, C, H, W]; padding is smaller than all. @throws ShapeError */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => pool(x, 'max', options);

/** The mean of every window of x [N, C, H, W]; padding counts as zeros. @throws ShapeError */
export const averagePool = (x: Tensor, options: PoolOptions): Tensor => pool(x, 'average', options);

/** The mean of every plane of x [N, C, H, W]: [N, C]. @throws ShapeError */
export function globalAveragePool(x: Tensor): Tensor {
  if (x.shape.length !== 4) throw new ShapeError(`average pool: images [${x.shape}] have no four axes`);
  return scale(sum(x, [2, 3]), 1 / (x.shape[2] * x.shape[3]));
}
