/**
 * Two results of one kernel, where an op can make another's as well (`Op.together`): a product and its activation, a norm
 * and its statistics, the gradients of a norm's scale and shift.
 */
import { ancestors } from '../graph/grad.ts';
import type { Fused } from '../graph/op.ts';
import { furtherResult } from '../graph/ops/further.ts';
import { isGradientSoFar } from '../graph/ops/leaf.ts';
import { inheritMark } from '../graph/provenance.ts';
import { apply, rootOf, type Tensor } from '../graph/tensor.ts';
import { latestExchanges } from './exchanges.ts';
import { isAccumulation, usesOf } from './instructions.ts';

/** A tensor that is made with another one, and how. */
interface Pair extends Fused, Pick<Tensor, 'inputs'> {
  readonly tensor: Tensor;
  readonly other: Tensor;
}

/**
 * @param results tensors whose values are wanted
 * @returns what takes the place of each
 */
export function together(results: readonly Tensor[]): Map<Tensor, Tensor> {
  const order = ancestors(...results);
  const pairs = pairsOf(order, results);
  const made = new Map<Tensor, Tensor>();
  for (const tensor of order) {
    if (made.has(tensor)) continue;
    const pair = pairs.get(tensor);
    if (pair) {
      const inputs = pair.inputs.map(operand => made.get(operand)!);
      const maker = inheritMark(pair.tensor, apply(pair.op, inputs, pair.attributes));
      made.set(pair.tensor, maker);
      made.set(pair.other, inheritMark(pair.other, furtherResult(maker, pair.other.shape)));
      continue;
    }
    const isLeaf = tensor.inputs.length === 0 && !tensor.op.kernels;
    const inputs = tensor.inputs.map(operand => made.get(operand)!);
    made.set(tensor, isLeaf ? tensor : inheritMark(tensor, apply(tensor.op, inputs, tensor.attributes)));
  }
  return new Map(results.map(result => [result, made.get(result)!]));
}

/** By both tensors of each. */
function pairsOf(order: readonly Tensor[], results: readonly Tensor[]): Map<Tensor, Pair> {
  const uses = usesOf(order, results);
  const exchanges = latestExchanges(order);
  const position = new Map(order.map((tensor, index) => [tensor, index]));
  const readers = new Map<Tensor, Tensor[]>();
  for (const tensor of order) {
    if (tensor.op.alias) continue;
    for (const operand of tensor.inputs.map(rootOf)) {
      readers.set(operand, [...(readers.get(operand) ?? []), tensor]);
    }
  }
  // What is added to another's place has none of its own.
  const isTerm = (tensor: Tensor) =>
    (readers.get(tensor) ?? []).some(
      reader => reader.inputs.some(isGradientSoFar) || isAccumulation(reader, uses),
    );
  const pairs = new Map<Tensor, Pair>();
  const isFree = (tensor: Tensor) => !pairs.has(tensor) && !isTerm(tensor);
  for (const tensor of order) {
    if (!tensor.op.together || !isFree(tensor)) continue;
    const inputs = tensor.inputs.map(rootOf);
    const near = [tensor, ...inputs].flatMap(operand => readers.get(operand) ?? []);
    for (const other of [...inputs, ...near]) {
      if (other === tensor || !isFree(other) || exchanges.get(other) !== exchanges.get(tensor)) continue;
      const needed = uses.get(other) !== 1 || !inputs.includes(other);
      const found = tensor.op.together(tensor, other, needed);
      const first = Math.min(position.get(tensor)!, position.get(other)!);
      if (!found?.inputs.every(operand => position.get(operand)! < first)) continue;
      const pair = { ...found, tensor, other };
      pairs.set(tensor, pair).set(other, pair);
      break;
    }
  }
  return pairs;
}
