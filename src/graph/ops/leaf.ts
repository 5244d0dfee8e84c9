/** Leaves: tensors whose values come from outside the graph. */
import type { Op } from '../op.ts';
import { apply, type Shape, type Tensor } from '../tensor.ts';

export interface InputAttributes {
  readonly name: string;
  readonly shape: Shape;
}

/** How a parameter is drawn at the start: uniform in (-bound, bound) around `centre`. */
export interface Initializer {
  readonly centre: number;
  readonly bound: number;
}

/** The elements of a larger parameter, seen as a matrix, that a shard of it holds. */
export interface Origin {
  /** Name and shape of the whole. */
  readonly name: string;
  readonly shape: Shape;
  /** Rows and columns of the whole, seen as [rows, columns], in the shard's order; -1 for padding, which is zero. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Length of a row of the whole. */
  readonly rowLength: number;
}

export interface ParameterAttributes extends InputAttributes {
  readonly initializer: Initializer;
  /** Part of the model, such as `blocks`: the learning rate may differ by part. */
  readonly part: string;
  /** Whether weight decay takes from it: true of matrices. */
  readonly decays: boolean;
  /** Name of the group of peers that hold copies of it, whose gradients are summed; absent where nobody does. */
  readonly copies?: string;
  /** Absent for a parameter that is whole. */
  readonly origin?: Origin;
}

export interface GradientAttributes {
  readonly parameter: Tensor;
}

const none = (): never => {
  throw new Error('a leaf has no inputs');
};

const inputOp: Op<InputAttributes> = {
  name: 'input',
  role: 'input',
  shape: (_, { shape }) => shape,
  vjp: none,
};
const wordsOp: Op<InputAttributes> = { ...inputOp, name: 'words', dtype: 'u32' };
const parameterOp: Op<ParameterAttributes> = {
  name: 'parameter',
  role: 'parameter',
  shape: (_, { shape }) => shape,
  vjp: none,
};

const gradientOp: Op<GradientAttributes> = {
  name: 'gradient so far',
  role: 'gradientSoFar',
  shape: (_, { parameter }) => parameter.shape,
  vjp: none,
};

/** Values that the host uploads before a step. */
export function inputTensor(name: string, shape: Shape): Tensor<InputAttributes> {
  return apply(inputOp, [], { name, shape });
}

/** 32-bit words that the host uploads before a step, such as the state of the random numbers. */
export function wordsTensor(name: string, shape: Shape): Tensor<InputAttributes> {
  return apply(wordsOp, [], { name, shape });
}

/** A trained tensor; its values live in the parameter store from step to step. */
export function parameterTensor(attributes: ParameterAttributes): Tensor<ParameterAttributes> {
  return apply(parameterOp, [], attributes);
}

/**
 * What the gradient array holds of a parameter: for a plan that adds to it. It can only be the first term of a sum that
 * is the parameter's gradient.
 */
export function gradientSoFar(parameter: Tensor): Tensor<GradientAttributes> {
  return apply(gradientOp, [], { parameter });
}

export function isGradientSoFar(tensor: Tensor): tensor is Tensor<GradientAttributes> {
  return tensor.op.role === 'gradientSoFar';
}

export function isInput(tensor: Tensor): tensor is Tensor<InputAttributes> {
  return tensor.op.role === 'input';
}

export function isParameter(tensor: Tensor): tensor is Tensor<ParameterAttributes> {
  return tensor.op.role === 'parameter';
}
