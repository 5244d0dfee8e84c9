/** Leaves: tensors whose values come from outside the graph. */
import type { DType, Op } from '../op.ts';
import { apply, type Shape, ShapeError, type Tensor } from '../tensor.ts';

export interface InputAttributes {
  readonly name: string;
  readonly shape: Shape;
}

/** How a parameter is drawn at the start: uniform in (-bound, bound) around `centre`, or normal with a standard deviation. */
export type Initializer =
  | { readonly centre: number; readonly bound: number }
  | { readonly centre: number; readonly deviation: number };

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

export interface StateAttributes extends InputAttributes {
  /** Of all elements at the start, or of each row. */
  readonly initial: number | readonly number[];
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

const stateOp: Op<StateAttributes> = {
  name: 'state',
  role: 'state',
  shape: (_, { name, shape, initial }) => {
    if (typeof initial !== 'number' && initial.length !== shape[0]) {
      throw new ShapeError(`state ${name}: ${initial.length} initial values for [${shape}]`);
    }
    return shape;
  },
  vjp: none,
};

const gradientOp: Op<GradientAttributes> = {
  name: 'gradient so far',
  role: 'gradientSoFar',
  shape: (_, { parameter }) => parameter.shape,
  vjp: none,
};

/** Values that the host uploads before a step: floats, or 32-bit words such as labels. */
export function inputTensor(name: string, shape: Shape, dtype: DType = 'f32'): Tensor<InputAttributes> {
  return apply(dtype === 'u32' ? wordsOp : inputOp, [], { name, shape });
}

/** Words that the host uploads before a step, such as the state of the random numbers. */
export const wordsTensor = (name: string, shape: Shape): Tensor<InputAttributes> =>
  inputTensor(name, shape, 'u32');

/** A trained tensor; its values live in the parameter store from step to step. */
export function parameterTensor(attributes: ParameterAttributes): Tensor<ParameterAttributes> {
  return apply(parameterOp, [], attributes);
}

/**
 * What is kept from run to run and not trained, such as the running statistics of a norm: read as it was before the run, and
 * assigned by the plan (`CompileRequest.assigned`).
 * @throws ShapeError where initial values are not one for each row
 */
export function stateTensor(attributes: StateAttributes): Tensor<StateAttributes> {
  return apply(stateOp, [], attributes);
}

export function isState(tensor: Tensor): tensor is Tensor<StateAttributes> {
  return tensor.op.role === 'state';
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
