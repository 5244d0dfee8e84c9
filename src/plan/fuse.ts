/**
 * Joins ops into fewer kernels. What is computed element by element is a chain (see `graph/ops/chain`): where nothing but
 * the next chain reads it, the two become one, and transposes, slices and broadcasts become the order in which operands
 * are read. What follows a product is done by the product as it stores, where it can. The graph that comes out computes
 * the same, to rounding, and is what plans are made of; models and derivatives know nothing of it.
 *
 * Nothing is joined to what waits for a later exchange: what can be computed while that is under way stays apart.
 */
import { ancestors } from '../graph/grad.ts';
import type { Chain, FunctionName, Link, Mask, View } from '../graph/op.ts';
import { chainOp, fitsLinks } from '../graph/ops/chain.ts';
import { fill, filledWith } from '../graph/ops/fill.ts';
import { isGradientSoFar } from '../graph/ops/leaf.ts';
import { inheritMark } from '../graph/provenance.ts';
import { apply, rootOf, sizeOf, type Tensor } from '../graph/tensor.ts';
import { isPlain, readTogether, viewOfView } from '../graph/view.ts';
import { latestExchanges } from './exchanges.ts';
import { isAccumulation, usesOf } from './instructions.ts';

/** A chain, and what it reads: tensors that own their memory, in the order of its views, and random numbers. */
interface Reading {
  readonly name: string;
  /** What it is told to be a part of: the last that does more than read. */
  readonly as: Tensor;
  readonly operands: readonly { readonly tensor: Tensor; readonly view: View }[];
  readonly links: readonly Link[];
  readonly mask?: Mask;
  readonly random?: Tensor;
}

/**
 * @param results tensors whose values are wanted
 * @returns what takes the place of each
 */
export function fused(results: readonly Tensor[]): Map<Tensor, Tensor> {
  const order = ancestors(...results);
  const uses = usesOf(order, results);
  const exchanges = latestExchanges(order);
  const constants = new Map<Tensor, number>();
  const readings = new Map<Tensor, Reading>();
  const made = new Map<Tensor, Tensor>();

  /** Whether `tensor` can take over what it reads, which nothing else needs, without waiting for longer. */
  const takes = (tensor: Tensor, operand: Tensor) =>
    uses.get(operand) === 1 && exchanges.get(operand) === exchanges.get(tensor);
  const isApart = (tensor: Tensor) => tensor.inputs.some(isGradientSoFar) || isAccumulation(tensor, uses);
  const readingOf = (tensor: Tensor): Reading | undefined => {
    if (!tensor.op.chain || isApart(tensor)) return undefined;
    const { name } = tensor.op;
    const chain = tensor.op.chain(tensor);
    const operands = chain.views.map((view, index) => ({ tensor: rootOf(tensor.inputs[index]), view }));
    const random = chain.mask && tensor.inputs[operands.length];
    const own = withConstants(
      { name, as: tensor, operands, links: chain.links, mask: chain.mask, random },
      constants,
    );
    const free = (index: number) => {
      const operand = own.operands[index]?.tensor;
      return operand && takes(tensor, operand) ? readings.get(operand) : undefined;
    };
    const longer = joined(own, free(0)) ?? joined(swapped(own), free(1)) ?? own;
    return longer.operands.reduce((reading, { tensor: operand }, index) => {
      const before = uses.get(operand) === 1 ? readings.get(operand) : undefined;
      return before?.links.length === 0 ? (reordered(reading, index, before) ?? reading) : reading;
    }, longer);
  };

  const inputsOf = ({ operands, random }: Reading) => [
    ...operands.map(operand => operand.tensor),
    ...(random ? [random] : []),
  ];
  const newOf = (tensors: readonly Tensor[]) => tensors.map(tensor => made.get(tensor)!);
  const chained = (tensor: Tensor, reading: Reading) =>
    apply(chainOp(reading.name), newOf(inputsOf(reading)), chainOf(tensor, reading));
  /** Done by what makes the first operand, where that can. */
  const following = (tensor: Tensor, reading: Reading | undefined): Tensor | undefined => {
    if (!reading || reading.links.length === 0) return undefined;
    const chain = chainOf(tensor, reading);
    const [first, ...others] = inputsOf(reading);
    if (!readsPlainly(chain, first) || !takes(tensor, first)) return undefined;
    const before = made.get(first)!;
    const op = before.op.followedBy?.(before, chain);
    return op && apply(op.op, [...before.inputs, ...newOf(others)], op.attributes);
  };

  const make = (tensor: Tensor): Tensor => {
    const constant = constantOf(tensor, constants);
    if (constant !== undefined) {
      constants.set(tensor, constant);
      return fill(tensor.shape, constant);
    }
    const reading = readingOf(tensor);
    if (reading) {
      readings.set(tensor, reading);
      return following(tensor, reading) ?? following(tensor, swapped(reading)) ?? chained(tensor, reading);
    }
    const [operand] = tensor.inputs.map(rootOf);
    const before = takes(tensor, operand) ? readings.get(operand) : undefined;
    const through = before && tensor.op.after?.(tensor, chainOf(operand, before));
    return through && before
      ? apply(through.op, newOf([...inputsOf(before), ...tensor.inputs.slice(1)]), through.attributes)
      : apply(tensor.op, newOf(tensor.inputs), tensor.attributes);
  };

  for (const tensor of order) {
    const isLeaf = tensor.inputs.length === 0 && !tensor.op.kernels;
    made.set(tensor, isLeaf ? tensor : make(tensor));
    inheritMark(readings.get(tensor)?.as ?? tensor, made.get(tensor)!);
  }
  return new Map(results.map(result => [result, made.get(result)!]));
}

/** The one value of all elements, where that is known. */
function constantOf(tensor: Tensor, constants: ReadonlyMap<Tensor, number>): number | undefined {
  const value = filledWith(tensor) ?? constants.get(tensor.inputs[0]);
  if (value === undefined || tensor.inputs.length === 0 || tensor.op.alias) return value;
  const links = tensor.inputs.length === 1 ? tensor.op.chain?.(tensor).links : undefined;
  if (links?.some(link => link.function !== 'affine')) return undefined;
  return links?.reduce((result, { factor = 1, shift = 0 }) => factor * result + shift, value);
}

/** What a function is with its operands exchanged. */
const exchanged: Partial<Record<FunctionName, FunctionName>> = {
  add: 'add',
  mul: 'mul',
  sub: 'subFrom',
  div: 'divInto',
};

/** A chain of one function of two operands, begun with the other one. */
function swapped(reading: Reading): Reading | undefined {
  const [link, ...more] = reading.links;
  const [first, second, ...others] = reading.operands;
  const other = link && exchanged[link.function];
  if (!other || link.operand !== 1 || more.length > 0) return undefined;
  return { ...reading, operands: [second, first, ...others], links: [{ ...link, function: other }] };
}

/** Of one function of two operands, where one of them is a known value. */
function withConstants(reading: Reading, constants: ReadonlyMap<Tensor, number>): Reading {
  const constant = (index: number) => constants.get(reading.operands[index]?.tensor);
  const turned = constant(0) === undefined ? reading : swapped(reading);
  const value = constant(0) ?? constant(1);
  if (!turned || value === undefined || reading.links.length !== 1) return reading;
  const [link] = turned.links;
  const numbers: Partial<Record<FunctionName, Pick<Link, 'factor' | 'shift'>>> = {
    add: { factor: 1, shift: value },
    sub: { factor: 1, shift: -value },
    subFrom: { factor: -1, shift: value },
    mul: { factor: value, shift: 0 },
  };
  const affine = numbers[link.function];
  if (!affine) return reading;
  return { ...turned, operands: turned.operands.slice(0, 1), links: [{ function: 'affine', ...affine }] };
}

/** `before`, and then what `reading` does to its result, which it reads first. */
function joined(reading: Reading | undefined, before: Reading | undefined): Reading | undefined {
  if (!reading || !before || before.links.length === 0) return undefined;
  const [{ view }, ...others] = reading.operands;
  // Nothing is computed twice, and a mask belongs to its places.
  if (view.axes.some(({ length, stride }) => length > 1 && stride === 0)) return undefined;
  if (before.mask && (reading.mask || !isPlain(view))) return undefined;
  const seen = before.operands.map(operand => ({ ...operand, view: viewOfView(view, operand.view) }));
  const operands = [...seen, ...others].flatMap(operand =>
    operand.view ? [{ tensor: operand.tensor, view: operand.view }] : [],
  );
  const moved = reading.links.map(link =>
    link.operand === undefined ? link : { ...link, operand: link.operand + before.operands.length - 1 },
  );
  const links = withOneAffine([...before.links, ...moved]);
  const whole = operands.length === seen.length + others.length;
  if (!whole || !fitsLinks(links) || !readTogether(operands.map(operand => operand.view))) return undefined;
  return {
    name: `${before.name}, ${reading.name}`,
    as: reading.links.length > 0 ? reading.as : before.as,
    operands,
    links,
    mask: reading.mask ?? before.mask,
    random: reading.random ?? before.random,
  };
}

/** The same, with an operand that is but another one in another order read as that. */
function reordered(reading: Reading, index: number, before: Reading): Reading | undefined {
  const [{ tensor, view: inner }] = before.operands;
  const view = viewOfView(reading.operands[index].view, inner);
  if (!view) return undefined;
  const operands = reading.operands.map((operand, other) => (other === index ? { tensor, view } : operand));
  return readTogether(operands.map(operand => operand.view)) ? { ...reading, operands } : undefined;
}

/** Neighbours that scale and shift become one. */
function withOneAffine(links: readonly Link[]): Link[] {
  const result: Link[] = [];
  for (const link of links) {
    const last = result.at(-1);
    if (last?.function === 'affine' && link.function === 'affine') {
      const { factor = 1, shift = 0 } = link;
      const before = { factor: last.factor ?? 1, shift: last.shift ?? 0 };
      result[result.length - 1] = {
        function: 'affine',
        factor: factor * before.factor,
        shift: factor * before.shift + shift,
      };
    } else {
      result.push(link);
    }
  }
  return result;
}

function chainOf({ shape }: Tensor, { operands, links, mask }: Reading): Chain {
  return { shape, views: operands.map(({ view }) => view), links, mask };
}

/** Whether a chain reads all of its first operand, in the order in which that lies. */
function readsPlainly({ shape, views }: Chain, first: Tensor): boolean {
  return isPlain(views[0]) && sizeOf(first.shape) === sizeOf(shape);
}
