/**
 * Elementwise functions of one or two tensors, with NumPy's broadcasting: chains of a single function (see `chain.ts`).
 */
import type { FunctionName, Op, Role } from '../op.ts';
import {
  apply,
  noSecondDerivative,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
  type Tensor,
} from '../tensor.ts';
import { broadcastView, plain } from '../view.ts';
import { byElement } from './chain.ts';
import { sumTo, unbroadcast } from './reduce.ts';

type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'geluGrad' | 'reluGrad';
type UnaryName = Exclude<FunctionName, BinaryName | 'subFrom' | 'divInto' | 'dropout'>;

interface UnaryAttributes {
  /** affine: scale * x + shift. */
  readonly scale: number;
  readonly shift: number;
}

/** @throws ShapeError where the shapes do not broadcast. */
export function broadcastShape(name: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (m !== n && m !== 1 && n !== 1) throw new ShapeError(`${name}: [${a}] and [${b}] do not broadcast`);
    return Math.max(m, n);
  });
}

function binaryOp(name: BinaryName, vjp: Op<null>['vjp'], role?: Role): Op<null> {
  return byElement({
    name,
    role,
    shape: ([a, b]) => broadcastShape(name, a, b),
    vjp,
    chain: ({ inputs: [a, b], shape }) => ({
      shape,
      views: [broadcastView(a.shape, shape), broadcastView(b.shape, shape)],
      links: [{ function: name, operand: 1 }],
    }),
  });
}

function unaryOp(name: UnaryName, vjp: Op<UnaryAttributes>['vjp']): Op<UnaryAttributes> {
  return byElement({
    name,
    shape: ([x]) => x,
    vjp,
    chain: ({ shape, attributes: { scale: factor, shift } }) => ({
      shape,
      views: [plain(sizeOf(shape))],
      links: [{ function: name, factor, shift }],
    }),
  });
}

const addOp = binaryOp(
  'add',
  ({ inputs: [a, b] }, dy) => [sumTo(dy, a.shape), sumTo(dy, b.shape)],
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
const geluGradOp = binaryOp('geluGrad', () => noSecondDerivative('geluGrad'));
const reluGradOp = binaryOp('reluGrad', () => noSecondDerivative('reluGrad'));

const affineOp = unaryOp('affine', ({ attributes }, dy) => [scale(dy, attributes.scale)]);
const squareOp = unaryOp('square', ({ inputs: [x] }, dy) => [scale(mul(dy, x), 2)]);
const sqrtOp = unaryOp('sqrt', (result, dy) => [scale(div(dy, result), 0.5)]);
const expOp = unaryOp('exp', (result, dy) => [mul(dy, result)]);
const geluOp = unaryOp('gelu', ({ inputs: [x] }, dy) => [apply(geluGradOp, [dy, x], null)]);
// By the result, which is positive where x is: what x was need not be kept.
const reluOp = unaryOp('relu', (result, dy) => [apply(reluGradOp, [dy, result], null)]);

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
