/**
 * The graph of a model as operators of ONNX: the same graph that plans are compiled from, so what it computes needs no second
 * writing. A batch may have any size: the graph that is read has one sample, and the first axis of all that depends on
 * its input is left to the caller.
 */
import { EPSILON, type NormLayout } from '../../graph/kernels/norm.ts';
import type { InputAttributes } from '../../graph/ops/leaf.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { ConfigError } from '../../models/model.ts';
import type { OnnxBuilder } from './builder.ts';

/** Left as it is. */
const SAME = 0;

/**
 * @param inputs names of what takes the place of the graph's inputs, by name
 * @param parameters values by name
 * @returns the name of the result
 * @throws ConfigError for an op that has no counterpart here
 */
export function graphToOnnx(
  result: Tensor,
  builder: OnnxBuilder,
  inputs: ReadonlyMap<string, string>,
  parameters: (name: string) => Float32Array,
): string {
  const known = new Map<Tensor, { readonly name: string; readonly isBatched: boolean }>();

  const visit = (tensor: Tensor): { readonly name: string; readonly isBatched: boolean } => {
    const before = known.get(tensor);
    if (before) return before;
    const found = translate(tensor);
    known.set(tensor, found);
    return found;
  };

  const translate = (tensor: Tensor) => {
    const { op, shape } = tensor;
    if (op.role === 'input') {
      const { name } = tensor.attributes as InputAttributes;
      const given = inputs.get(name);
      if (given === undefined) throw new ConfigError(`The model has an input ${name}, which is not given.`);
      return { name: given, isBatched: true };
    }
    if (op.role === 'parameter') {
      const { name } = tensor.attributes as InputAttributes;
      return { name: builder.floats(parameters(name), shape, name), isBatched: false };
    }
    // The statistics of a norm are computed with it.
    const of = op.name === 'norm' ? tensor.inputs.filter((_, i) => i !== 1) : tensor.inputs;
    const operands = of.map(visit);
    const isBatched = operands.some(operand => operand.isBatched);
    const names = operands.map(({ name }) => name);
    return { name: operator(tensor, names, isBatched), isBatched };
  };

  const operator = (tensor: Tensor, names: readonly string[], isBatched: boolean): string => {
    const { op, shape, inputs: of } = tensor;
    const free = (sizes: readonly number[]) => (isBatched ? [SAME, ...sizes.slice(1)] : [...sizes]);
    switch (op.name) {
      case 'reshape':
        return builder.reshape(names[0], free(shape));
      case 'permute':
        return builder.node('Transpose', names, { perm: attributesOf<{ axes: number[] }>(tensor).axes });
      case 'slice': {
        const { starts, lengths } = attributesOf<{ starts: number[]; lengths: number[] }>(tensor);
        return lengths.reduce((sliced, length, axis) => {
          const isWhole = length === of[0].shape[axis];
          return isWhole ? sliced : builder.slice(sliced, axis, starts[axis], starts[axis] + length);
        }, names[0]);
      }
      case 'concat':
        return builder.node('Concat', names, attributesOf<{ axis: number }>(tensor));
      case 'broadcast':
        return builder.node('Expand', [names[0], builder.integers(shape)]);
      case 'add':
        return builder.node('Add', names);
      case 'gelu':
        return gelu(builder, names[0]);
      case 'matmul':
        return matmul(builder, tensor, names);
      case 'norm':
        return norm(builder, tensor, names, free);
      default:
        throw new ConfigError(`The model has the op ${op.name}, which is not written as ONNX.`);
    }
  };
  return visit(result).name;
}

/** What the op of a tensor was applied with: its name tells of what kind. */
const attributesOf = <T>(tensor: Tensor): T => tensor.attributes as T;

const scalar = (builder: OnnxBuilder, value: number) => builder.floats(Float32Array.of(value), []);

/** x Phi(x) */
function gelu(builder: OnnxBuilder, x: string): string {
  const scaled = builder.node('Mul', [x, scalar(builder, Math.SQRT1_2)]);
  const twice = builder.node('Add', [builder.node('Erf', [scaled]), scalar(builder, 1)]);
  return builder.node('Mul', [builder.node('Mul', [x, scalar(builder, 0.5)]), twice]);
}

interface Matmul {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias: 'columns' | 'rows' | 'none';
}

function matmul(builder: OnnxBuilder, tensor: Tensor, [a, b, added]: readonly string[]): string {
  const { transposeA, transposeB, bias } = attributesOf<Matmul>(tensor);
  const [left, right] = tensor.inputs;
  const turned = (name: string, { shape }: Tensor, isTurned: boolean) => {
    const last = shape.length - 1;
    const perm = [...shape.keys()].slice(0, -2).concat(last, last - 1);
    return isTurned ? builder.node('Transpose', [name], { perm }) : name;
  };
  const product = builder.node('MatMul', [turned(a, left, transposeA), turned(b, right, transposeB)]);
  if (bias === 'none') return product;
  const rows = tensor.shape[tensor.shape.length - 2];
  return builder.node('Add', [product, bias === 'rows' ? builder.reshape(added, [rows, 1]) : added]);
}

/** Channels as [segments, groups, channels of a group]: a group has its run of every segment. */
function norm(
  builder: OnnxBuilder,
  tensor: Tensor,
  [x, weight, bias]: readonly string[],
  free: (sizes: readonly number[]) => number[],
): string {
  const { groups, segments } = attributesOf<NormLayout>(tensor);
  const { shape } = tensor;
  const [channels] = shape.slice(-1);
  const outer = shape.slice(0, -1);
  const grouped = builder.reshape(x, [...free(outer), segments, groups, channels / segments / groups]);
  const mean = (of: string) =>
    builder.node('ReduceMean', [of], { axes: [outer.length, outer.length + 2], keepdims: 1 });
  const centred = builder.node('Sub', [grouped, mean(grouped)]);
  const variance = mean(builder.node('Mul', [centred, centred]));
  const deviation = builder.node('Sqrt', [
    builder.node('Add', [variance, builder.floats(Float32Array.of(EPSILON), [])]),
  ]);
  const normed = builder.reshape(builder.node('Div', [centred, deviation]), free(shape));
  return builder.node('Add', [builder.node('Mul', [normed, weight]), bias]);
}
