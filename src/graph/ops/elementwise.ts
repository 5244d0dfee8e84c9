/**
 * Elementwise functions of one or two tensors, with NumPy's broadcasting. One shader computes all of them; the
 * function is chosen by an override constant, so that each is a branch-free pipeline of its own.
 */
import {
  f32Bits,
  input,
  type KernelPlan,
  lineOfWorkgroups,
  type Op,
  output,
  type Role,
  unused,
  updated,
  work,
} from '../op.ts';
import { apply, type Shape, ShapeError, sameShape, sizeOf, stridesOf, type Tensor } from '../tensor.ts';
import { unbroadcast } from './copy.ts';
import { sumTo } from './reduce.ts';

/** Codes shared with `shaders/elementwise.wgsl`. */
const codes = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  geluGrad: 4,
  reluGrad: 5,
  affine: 10,
  square: 11,
  sqrt: 12,
  exp: 13,
  gelu: 14,
  relu: 15,
} as const;

type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'geluGrad' | 'reluGrad';
type UnaryName = Exclude<keyof typeof codes, BinaryName>;

interface UnaryAttributes {
  /** affine: scale * x + shift. */
  readonly scale: number;
  readonly shift: number;
}

const MAX_RANK = 6;

/** @throws ShapeError where the shapes do not broadcast. */
export function broadcastShape(name: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (m !== n && m !== 1 && n !== 1) throw new ShapeError(`${name}: [${a}] and [${b}] do not broadcast`);
    return Math.max(m, n);
  });
}

/** Strides of a tensor of shape `from` read as one of shape `to`: 0 along broadcast axes. */
function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  return to.map((_, axis) => {
    const own = axis - to.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : strides[own];
  });
}

interface Axis {
  length: number;
  /** Strides of the operands. */
  a: number;
  b: number;
}

/** Merges neighbouring axes along which both operands step evenly: 1 to MAX_RANK axes. */
function collapse(shape: Shape, a: readonly number[], b: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const last = axes.at(-1);
    if (last && last.a === a[axis] * length && last.b === b[axis] * length) {
      axes[axes.length - 1] = { length: last.length * length, a: a[axis], b: b[axis] };
    } else {
      axes.push({ length, a: a[axis], b: b[axis] });
    }
  });
  if (axes.length > MAX_RANK) throw new ShapeError(`elementwise: [${shape}] has more than ${MAX_RANK} axes`);
  return axes.length > 0 ? axes : [{ length: 1, a: 0, b: 0 }];
}

/** In front, to the MAX_RANK axes that the shader has words for. */
function padAxes(axes: readonly Axis[]): Axis[] {
  return [...Array.from({ length: MAX_RANK - axes.length }, () => ({ length: 1, a: 0, b: 0 })), ...axes];
}

/** As the shader has it: 0 where the result has a place of its own. */
const placeCode = (place: number | undefined): number => (place === undefined ? 0 : place + 1);

/** Elements of one invocation: fewer indices to take apart, more loads in flight. */
const RUN = 4;

/** `flops` an element. `place`: the operand whose place the result takes, if any. */
function binaryKernels(code: number, flops: number, result: Tensor, place?: number): KernelPlan {
  const { shape } = result;
  const [a, b] = result.inputs;
  const size = sizeOf(shape);
  const plain = sameShape(a.shape, shape) && sameShape(b.shape, shape);
  const axes = plain
    ? []
    : collapse(shape, broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape));
  // A run lies within the innermost axis.
  const run = plain || axes.at(-1)!.length % RUN === 0 ? RUN : 1;
  const padded = padAxes(axes);
  return {
    kernels: [
      {
        shader: 'elementwise',
        constants: { FUNCTION: code, RANK: axes.length, RUN: run, PLACE: placeCode(place) },
        params: [
          size,
          0,
          0,
          0,
          ...padded.map(axis => axis.length),
          ...padded.map(axis => axis.a),
          ...padded.map(axis => axis.b),
        ],
        operands: [
          place === 0 ? unused : input(0),
          place === 1 ? unused : input(1),
          place === undefined ? output : updated,
        ],
        workgroups: lineOfWorkgroups(Math.ceil(size / run), 64),
        work: work('pointwise', flops * size, sizeOf(a.shape) + sizeOf(b.shape), size),
      },
    ],
  };
}

function unaryKernels(
  code: number,
  flops: number,
  result: Tensor<UnaryAttributes>,
  place?: number,
): KernelPlan {
  const size = sizeOf(result.shape);
  return {
    kernels: [
      {
        shader: 'elementwise',
        constants: { FUNCTION: code, RANK: 0, RUN, PLACE: placeCode(place) },
        params: [size, f32Bits(result.attributes.scale), f32Bits(result.attributes.shift), 0],
        operands: [place === 0 ? unused : input(0), unused, place === undefined ? output : updated],
        workgroups: lineOfWorkgroups(Math.ceil(size / RUN), 64),
        work: work('pointwise', flops * size, size, size),
      },
    ],
  };
}

/** `flops` an element: see `Work`. */
function binaryOp(name: BinaryName, vjp: Op<null>['vjp'], flops = 1, role?: Role): Op<null> {
  return {
    name,
    role,
    shape: ([a, b]) => broadcastShape(name, a, b),
    vjp,
    kernels: result => binaryKernels(codes[name], flops, result),
    inPlace: (result, index) => binaryKernels(codes[name], flops, result, index),
  };
}

function unaryOp(name: UnaryName, vjp: Op<UnaryAttributes>['vjp'], flops = 1): Op<UnaryAttributes> {
  return {
    name,
    shape: ([x]) => x,
    vjp,
    kernels: result => unaryKernels(codes[name], flops, result),
    inPlace: result => unaryKernels(codes[name], flops, result, 0),
  };
}

function noSecondDerivative(name: string): never {
  throw new ShapeError(`${name} has no derivative rule: second derivatives are not needed in training`);
}

const addOp = binaryOp(
  'add',
  ({ inputs: [a, b] }, dy) => [sumTo(dy, a.shape), sumTo(dy, b.shape)],
  1,
  'addition',
);
const subOp = binaryOp('sub', ({ inputs: [a, b] }, dy) => [
  sumTo(dy, a.shape),
  sumTo(scale(dy, -1), b.shape),
]);
const mulOp = binaryOp('mul', ({ inputs: [a, b] }, dy) => [
  sumTo(mul(dy, b), a.shape),
  sumTo(mul(dy, a), b.shape),
]);
const divOp = binaryOp('div', (result, dy) => {
  const [a, b] = result.inputs;
  const da = div(dy, b);
  return [sumTo(da, a.shape), sumTo(scale(mul(da, result), -1), b.shape)];
});
const geluGradOp = binaryOp('geluGrad', () => noSecondDerivative('geluGrad'), 2);
const reluGradOp = binaryOp('reluGrad', () => noSecondDerivative('reluGrad'));

const affineOp = unaryOp('affine', ({ attributes }, dy) => [scale(dy, attributes.scale)], 2);
const squareOp = unaryOp('square', ({ inputs: [x] }, dy) => [scale(mul(dy, x), 2)]);
const sqrtOp = unaryOp('sqrt', (result, dy) => [scale(div(dy, result), 0.5)]);
const expOp = unaryOp('exp', (result, dy) => [mul(dy, result)]);
const geluOp = unaryOp('gelu', ({ inputs: [x] }, dy) => [apply(geluGradOp, [dy, x], null)]);
const reluOp = unaryOp('relu', ({ inputs: [x] }, dy) => [apply(reluGradOp, [dy, x], null)]);

const plainAttributes: UnaryAttributes = { scale: 1, shift: 0 };

/** Broadcasting is done on the way, so that what is repeated is never written out. */
function binary(op: Op<null>, a: Tensor, b: Tensor): Tensor {
  const [short, shorter] = [unbroadcast(a), unbroadcast(b)];
  const repeats = (x: Tensor, y: Tensor) =>
    sameShape(broadcastShape(op.name, x.shape, y.shape), broadcastShape(op.name, a.shape, b.shape));
  if (repeats(short, b)) return apply(op, [short, b], null);
  return apply(op, repeats(a, shorter) ? [a, shorter] : [a, b], null);
}

export const isAddition = (tensor: Tensor): boolean => tensor.op.role === 'addition';

export const add = (a: Tensor, b: Tensor): Tensor => binary(addOp, a, b);
export const sub = (a: Tensor, b: Tensor): Tensor => binary(subOp, a, b);
export const mul = (a: Tensor, b: Tensor): Tensor => binary(mulOp, a, b);
export const div = (a: Tensor, b: Tensor): Tensor => binary(divOp, a, b);
/** `factor * x + shift`. */
export const affine = (x: Tensor, factor: number, shift: number): Tensor =>
  apply(affineOp, [x], { scale: factor, shift });
export const scale = (x: Tensor, factor: number): Tensor => affine(x, factor, 0);
export const square = (x: Tensor): Tensor => apply(squareOp, [x], plainAttributes);
export const sqrt = (x: Tensor): Tensor => apply(sqrtOp, [x], plainAttributes);
export const exp = (x: Tensor): Tensor => apply(expOp, [x], plainAttributes);
/** x Phi(x), the exact GELU (not the tanh approximation). */
export const gelu = (x: Tensor): Tensor => apply(geluOp, [x], plainAttributes);
export const relu = (x: Tensor): Tensor => apply(reluOp, [x], plainAttributes);
