/**
 * Sums over axes, and broadcasting, each the derivative of the other. Fixed order of addition for a shape, so that results
 * repeat to the last bit.
 */
import {
  type BoundOperand,
  f32Bits,
  input,
  type Kernel,
  type KernelPlan,
  lineOfWorkgroups,
  type Op,
  output,
  scratch,
  updated,
  work,
} from '../op.ts';
import {
  apply,
  noSecondDerivative,
  rootOf,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
  type Tensor,
} from '../tensor.ts';
import { broadcastView, isPlain } from '../view.ts';
import { byElement } from './chain.ts';
import { reshape } from './copy.ts';

/** What is added up: x seen as [lead, outer, reduced, inner]; the result is [outer, inner]. */
interface Terms {
  /** 1 where absent. */
  readonly lead?: number;
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
  /** The squares of x. */
  readonly squares?: boolean;
  /** What the sum is multiplied by. */
  readonly factor?: number;
}

interface SumAttributes extends Terms {
  readonly shape: Shape;
}

const WORKGROUP = 64;
/** Terms that one invocation adds up before the second pass; more splits than this feed more invocations. */
const TERMS_PER_INVOCATION = 64;
/** Terms of which one invocation makes a result on its own. */
const FEW_TERMS = 32;
/** Parts of a result at most. */
const MOST_PARTS = 256;

/** Invocations that share a result: a few where results lie side by side, else as many as read well together. */
function lanesFor(terms: number, inner: number): number {
  if (terms <= FEW_TERMS) return 1;
  return inner > 1 ? 4 : 16;
}

/** One pass or, for long sums, two. */
function sumKernels(sum: Terms, accumulate: boolean): KernelPlan {
  const { lead = 1, outer, reduced, inner, factor } = sum;
  const perPart = TERMS_PER_INVOCATION * lanesFor(lead * reduced, inner);
  const parts = Math.min(Math.ceil((lead * reduced) / perPart), MOST_PARTS);
  const result = accumulate ? updated : output;
  if (parts === 1) return { kernels: [termsKernel(sum, 1, input(0), result)] };
  return {
    kernels: [
      termsKernel({ ...sum, factor: 1 }, parts, input(0), scratch(0, 'write')),
      termsKernel({ outer, reduced: parts, inner, factor }, 1, scratch(0, 'read'), result),
    ],
    scratch: [outer * parts * inner],
  };
}

/**
 * One pass: x [outer, reduced, inner] -> y [outer, parts, inner], each part a run of the reduced axis; added to what y
 * holds where that is updated.
 */
export function sumKernel(
  outer: number,
  reduced: number,
  inner: number,
  parts: number,
  from: BoundOperand,
  to: BoundOperand,
): Kernel {
  return termsKernel({ outer, reduced, inner }, parts, from, to);
}

function termsKernel(
  { lead = 1, outer, reduced, inner, squares = false, factor = 1 }: Terms,
  parts: number,
  from: BoundOperand,
  to: BoundOperand,
): Kernel {
  const accumulate = to.access === 'update';
  const terms = lead * reduced;
  const length = Math.ceil(terms / parts);
  const results = outer * parts * inner;
  const lanes = lanesFor(length, inner);
  // The last parts may be empty.
  const filled = Math.ceil(terms / length);
  const each = (squares ? terms : 0) + terms - filled + (factor === 1 ? 0 : 1);
  const additions = outer * inner * each + (accumulate ? results : 0);
  return {
    shader: 'sum',
    constants: {
      LANES: lanes,
      LANES_FIRST: Number(inner === 1),
      LEAD: Number(lead > 1),
      SQUARES: Number(squares),
    },
    params: [outer, reduced, inner, parts, length, Number(accumulate), terms, f32Bits(factor)],
    operands: [from, to],
    workgroups: lineOfWorkgroups(results * lanes, WORKGROUP),
    work: work('reduction', additions, outer * terms * inner + (accumulate ? results : 0), results),
  };
}

const sumOp: Op<SumAttributes> = {
  name: 'sum',
  shape: (_, { shape }) => shape,
  // The result has axes of length 1 where x has those that were summed.
  vjp: ({ inputs: [x] }, dy) => [broadcastTo(dy, x.shape)],
  kernels: ({ attributes }) => sumKernels(attributes, false),
  accumulate: ({ attributes }) => sumKernels(attributes, true),
  followedBy({ op, attributes }, { shape, links }) {
    const [{ function: name, factor = 1, shift = 0 }, ...more] = links;
    if (name !== 'affine' || shift !== 0 || more.length > 0) return undefined;
    const whole = factor * (attributes.factor ?? 1);
    return { op: sumOfOp(`${op.name}, affine`), attributes: { ...attributes, shape, factor: whole } };
  },
  after({ op, attributes }, { views, links }) {
    const squares = links.length === 1 && links[0].function === 'square' && isPlain(views[0]);
    return squares
      ? { op: sumOfOp(`square, ${op.name}`), attributes: { ...attributes, squares } }
      : undefined;
  },
};

/** Joined to what comes before and after it. */
function sumOfOp(name: string): Op<SumAttributes> {
  return { ...sumOp, name, vjp: () => noSecondDerivative(name) };
}

/** Whether `tensor` is the sum of all rows of `x`, which has so many columns. */
export function isSumOfRows(tensor: Tensor, x: Tensor, columns: number): boolean {
  if ((tensor.op as unknown) !== sumOp || rootOf(tensor.inputs[0]) !== rootOf(x)) return false;
  const { outer, inner } = tensor.attributes as SumAttributes;
  return outer === 1 && inner === columns;
}

/** Sum over `axes` (all where absent), which stay as axes of length 1 with `keepAxes`. */
export function sum(x: Tensor, axes?: readonly number[], keepAxes = false): Tensor {
  const reducedAxes = new Set(axes ?? x.shape.map((_, axis) => axis));
  for (const axis of reducedAxes) {
    if (axis < 0 || axis >= x.shape.length) throw new ShapeError(`sum: no axis ${axis} in [${x.shape}]`);
  }
  // Runs of neighbouring axes are summed together, and with what comes before all others; the last run first, since it
  // leaves the least to do.
  let result = x;
  const shape = [...x.shape];
  for (let end = shape.length; end > 0; end--) {
    if (!reducedAxes.has(end - 1)) continue;
    const start = runStart(reducedAxes, end);
    const kept = keptStart(reducedAxes, start);
    // What is left before the kept axes is a run of its own.
    const leads = kept > 0 && runStart(reducedAxes, kept) === 0;
    const attributes = {
      lead: leads ? sizeOf(shape.slice(0, kept)) : 1,
      outer: sizeOf(shape.slice(leads ? kept : 0, start)),
      reduced: sizeOf(shape.slice(start, end)),
      inner: sizeOf(shape.slice(end)),
    };
    shape.fill(1, start, end);
    if (leads) shape.fill(1, 0, kept);
    if (attributes.lead * attributes.reduced > 1) {
      result = apply(sumOp, [result], { ...attributes, shape: [...shape] });
    }
    end = leads ? 1 : start + 1;
  }
  const kept = keepAxes ? shape : x.shape.filter((_, axis) => !reducedAxes.has(axis));
  return reshape(result, kept);
}

/** The first of the axes up to `end` that are all summed. */
function runStart(reduced: ReadonlySet<number>, end: number): number {
  let start = end;
  while (start > 0 && reduced.has(start - 1)) start--;
  return start;
}

/** The first of the axes up to `end` that are all kept. */
function keptStart(reduced: ReadonlySet<number>, end: number): number {
  let start = end;
  while (start > 0 && !reduced.has(start - 1)) start--;
  return start;
}

const broadcastOp: Op<{ readonly shape: Shape }> = byElement({
  name: 'broadcast',
  role: 'broadcast',
  shape: ([x], { shape }) => {
    const lead = shape.length - x.length;
    if (lead < 0 || x.some((length, axis) => length !== 1 && length !== shape[axis + lead])) {
      throw new ShapeError(`broadcast: [${x}] does not broadcast to [${shape}]`);
    }
    return shape;
  },
  vjp: ({ inputs: [x] }, dy) => [sumTo(dy, x.shape)],
  chain: ({ inputs: [x], shape }) => ({ shape, views: [broadcastView(x.shape, shape)], links: [] }),
});

/** What a broadcast repeats; any other tensor itself. */
export function unbroadcast(x: Tensor): Tensor {
  return x.op.role === 'broadcast' ? x.inputs[0] : x;
}

export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(broadcastOp, [x], { shape });
}

/** Sums a tensor down to a shape that broadcasts to its own: the vjp of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sum(x, axes, true), shape);
}
