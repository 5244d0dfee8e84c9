/**
 * Convolutions in two dimensions (cross-correlations, as everywhere in deep learning) of images [N, C, H, W], and their
 * derivatives. See docs/convolution.md.
 */
import {
  type ConvAxis,
  type Convolution,
  convolutionKernels,
  forwardProduct,
  inputProducts,
  LONGEST_SUM,
  type ProductExtras,
  weightProduct,
} from '../kernels/conv.ts';
import type { Chain, Finish, Fused, Op } from '../op.ts';
import { apply, noSecondDerivative, rootOf, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { finishOf } from './chain.ts';
import { reshape } from './copy.ts';
import { matmul } from './matmul.ts';
import { sum } from './reduce.ts';

export interface ConvGeometry {
  /** Along the rows and along the columns. */
  readonly stride: readonly [number, number];
  /** Zeros before the first and behind the last. */
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

interface ConvAttributes extends ConvGeometry {
  readonly bias: boolean;
  readonly finish?: Finish;
  /** Of the result, where what follows a convolution has another one of its size. */
  readonly shape?: Shape;
}

interface GradientAttributes extends ConvGeometry {
  /** Of what the gradient is of. */
  readonly shape: Shape;
}

const fail = (x: Shape, weight: Shape, why: string): never => {
  throw new ShapeError(`conv2d: images [${x}] by [${weight}]: ${why}`);
};

/** @throws ShapeError */
export function convolutionOf(x: Shape, weight: Shape, geometry: ConvGeometry): Convolution {
  if (x.length !== 4 || weight.length !== 4) fail(x, weight, 'both have four axes');
  const [images, inputs] = x;
  const [outputs, channels] = weight;
  if (inputs !== channels) fail(x, weight, `images of ${inputs} channels, weights for ${channels}`);
  const axis = (index: 0 | 1): ConvAxis => {
    const [length, taps] = [x[2 + index], weight[2 + index]];
    const [stride, padding, dilation] = [
      geometry.stride[index],
      geometry.padding[index],
      geometry.dilation[index],
    ];
    const whole =
      [stride, padding, dilation].every(Number.isInteger) && stride >= 1 && padding >= 0 && dilation >= 1;
    if (!whole) fail(x, weight, `a stride of ${stride}, padding of ${padding} or dilation of ${dilation}`);
    const reach = (taps - 1) * dilation + 1;
    const positions = Math.floor((length + 2 * padding - reach) / stride) + 1;
    if (positions < 1)
      fail(x, weight, `a kernel that reaches over ${reach} of ${length + 2 * padding} pixels`);
    return { length, taps, stride, padding, dilation, positions };
  };
  return { images, inputs, outputs, rows: axis(0), columns: axis(1) };
}

const ofResult = ({ inputs: [weight, x], attributes }: Tensor<ConvAttributes>, extras: ProductExtras = {}) =>
  forwardProduct(convolutionOf(x.shape, weight.shape, attributes), {
    bias: attributes.bias ? 'rows' : 'none',
    finish: attributes.finish,
    ...extras,
  });

/** weight, x and, where there is one, the bias. */
const convOp: Op<ConvAttributes> = {
  name: 'conv2d',
  shape: ([weight, x, bias], attributes) => {
    const { images, outputs, rows, columns } = convolutionOf(x, weight, attributes);
    if (attributes.bias && (bias.length !== 1 || bias[0] !== outputs)) {
      fail(x, weight, `a bias of [${bias}] where [${outputs}] is needed`);
    }
    return attributes.shape ?? [images, outputs, rows.positions, columns.positions];
  },
  vjp: ({ inputs: [weight, x, bias], attributes: { stride, padding, dilation } }, dy) => {
    const geometry = { stride, padding, dilation };
    // The weight's gradient first: after it the memory of x is free for the other.
    const dWeight = apply(weightGradientOp, [dy, x], { ...geometry, shape: weight.shape });
    const dx = apply(inputGradientOp, [weight, dy], { ...geometry, shape: x.shape });
    return [dWeight, dx, ...(bias ? [sum(dy, [0, 2, 3])] : [])];
  },
  kernels: result => convolutionKernels([ofResult(result)]),
  accumulate: result => convolutionKernels([ofResult(result, { accumulate: true })]),
  followedBy: (result, chain) => {
    const finish = result.attributes.finish ? undefined : finishOf(chain, false);
    return finish && finished(result, finish, chain);
  },
  together: (result, other) => {
    const chain = other.op.chain?.(other);
    const finish = chain?.views.length === 1 && !result.attributes.finish ? finishOf(chain, true) : undefined;
    const { inputs, shape } = result;
    if (!finish || !chain || rootOf(other.inputs[0]) !== result || sizeOf(other.shape) !== sizeOf(shape))
      return undefined;
    const whole = finished(result, finish, { ...chain, shape });
    return whole && { ...whole, inputs: [...inputs, ...other.inputs.slice(1)] };
  },
};

/** The op that also does `finish`; none for dropout, whose random words go with neighbours in memory, or where sums are cut. */
function finished(
  result: Tensor<ConvAttributes>,
  finish: Finish,
  { shape, links }: Chain,
): Fused<ConvAttributes> | undefined {
  if (finish.mask || convolutionKernels([ofResult(result)]).kernels.length > 1) return undefined;
  const name = [result.op.name, ...links.map(link => link.function)].join(', ');
  const op = { ...convOp, name, accumulate: undefined, vjp: () => noSecondDerivative(name) };
  return { op, attributes: { ...result.attributes, finish, shape } };
}

const ofInput = ({ inputs: [weight], attributes }: Tensor<GradientAttributes>, extras: ProductExtras = {}) =>
  inputProducts(convolutionOf(attributes.shape, weight.shape, attributes), extras);

/** weight, dy -> the gradient of the images. */
const inputGradientOp: Op<GradientAttributes> = {
  name: 'conv2dInputGradient',
  shape: (_, { shape }) => shape,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: result => convolutionKernels(ofInput(result)),
  accumulate: result => convolutionKernels(ofInput(result, { accumulate: true })),
};

const ofWeight = ({ inputs: [, x], attributes }: Tensor<GradientAttributes>, extras: ProductExtras = {}) =>
  weightProduct(convolutionOf(x.shape, attributes.shape, attributes), extras);

/** dy, x -> the gradient of the weight. */
const weightGradientOp: Op<GradientAttributes> = {
  name: 'conv2dWeightGradient',
  shape: (_, { shape }) => shape,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: result => convolutionKernels([ofWeight(result)]),
  accumulate: result => convolutionKernels([ofWeight(result, { accumulate: true })]),
};

export interface ConvOptions {
  /** Along both axes, or along the rows and along the columns; 1, 0 and 1 where absent. */
  readonly stride?: number | readonly [number, number];
  readonly padding?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  /** Added to every channel of the result: [O]. */
  readonly bias?: Tensor;
}

const pair = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/**
 * Images x [N, C, H, W] by weight [O, C, R, S] -> [N, O, P, Q], with P = (H + 2 padding - (R - 1) dilation - 1) / stride + 1,
 * rounded down, and Q likewise. A kernel of 1 x 1 with stride 1 is a product of matrices.
 * @throws ShapeError
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  const [stride, padding, dilation] = [options.stride ?? 1, options.padding ?? 0, options.dilation ?? 1].map(
    pair,
  );
  const { bias } = options;
  const geometry = { stride, padding, dilation };
  const { images, inputs, outputs, rows, columns } = convolutionOf(x.shape, weight.shape, geometry);
  const isPixelwise = [rows, columns].every(
    axis => axis.taps === 1 && axis.stride === 1 && axis.padding === 0,
  );
  if (!isPixelwise)
    return apply(convOp, bias ? [weight, x, bias] : [weight, x], { ...geometry, bias: Boolean(bias) });
  const flat = reshape(x, [images, inputs, rows.length * columns.length]); // [N, C, pixels]
  const y = matmul(reshape(weight, [outputs, inputs]), flat, { rowBias: bias, longestSum: LONGEST_SUM }); // [N, O, pixels]
  return reshape(y, [images, outputs, rows.length, columns.length]);
}
