/**
 * Symbolic tensors. A tensor knows its shape and the op and inputs it comes from, and nothing of data or devices.
 * Ids grow as tensors are made, so the order of ids is a topological order of any graph.
 */
import type { DType, Op, Shape, Tensor } from './op.ts';

export type { DType, Shape, Tensor };

/** Thrown while a graph is built; the message names the op and the shapes. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** The derivative rule of what is itself a part of a derivative. @throws ShapeError */
export function noSecondDerivative(name: string): never {
  throw new ShapeError(`${name} has no derivative rule: second derivatives are not needed in training`);
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** The tensor that owns the memory which `tensor` is a view of. */
export function rootOf(tensor: Tensor): Tensor {
  let root = tensor;
  while (root.op.alias) root = root.inputs[0];
  return root;
}

let nextId = 0;

/** The id of the tensor that is made next: all made before have smaller ones. */
export const nextTensorId = (): number => nextId;

/** Applies an op: checks shapes and returns the symbolic result. @throws ShapeError */
export function apply<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
): Tensor<Attributes> {
  const shape = op.shape(
    inputs.map(input => input.shape),
    attributes,
  );
  if (shape.some(length => !Number.isInteger(length) || length < 1)) {
    throw new ShapeError(`${op.name}: impossible result shape [${shape}]`);
  }
  return { id: nextId++, op: op, inputs, attributes, shape, dtype: op.dtype ?? 'f32' };
}
