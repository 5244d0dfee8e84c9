/** Sums over axes. Fixed order of addition for a shape, so that results repeat to the last bit. */
import {
  type BoundOperand,
  input,
  type Kernel,
  type KernelPlan,
  type Op,
  output,
  scratch,
  updated,
  work,
} from '../op.ts';
import { apply, type Shape, ShapeError, sameShape, sizeOf, type Tensor } from '../tensor.ts';
import { broadcastTo, reshape } from './copy.ts';

interface SumAttributes {
  /** The input seen as [outer, reduced, inner]; the result is [outer, inner]. */
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
  readonly shape: Shape;
}

/** Elements that one invocation adds up before the second pass; more splits than this feed more invocations. */
const TERMS_PER_INVOCATION = 64;
const LANES = 64;

/** Sum of [outer, reduced, inner] over its middle axis, in one pass or, for long sums, two. */
function sumKernels(outer: number, reduced: number, inner: number, accumulate: boolean): KernelPlan {
  const parts = Math.min(Math.ceil(reduced / TERMS_PER_INVOCATION), 256);
  if (parts === 1)
    return { kernels: [sumKernel(outer, reduced, inner, 1, input(0), accumulate ? updated : output)] };
  return {
    kernels: [
      sumKernel(outer, reduced, inner, parts, input(0), scratch(0, 'write')),
      sumKernel(outer, parts, inner, 1, scratch(0, 'read'), accumulate ? updated : output),
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
  const accumulate = to.access === 'update';
  const length = Math.ceil(reduced / parts);
  const results = outer * parts * inner;
  const groups = Math.ceil(results / LANES);
  const rows = Math.ceil(groups / 65535);
  // The last parts may be empty.
  const filled = Math.ceil(reduced / length);
  const additions = outer * inner * (reduced - filled) + (accumulate ? results : 0);
  return {
    shader: 'sum',
    params: [outer, reduced, inner, parts, length, Number(accumulate)],
    operands: [from, to],
    workgroups: [Math.ceil(groups / rows), rows, 1],
    work: work('reduction', additions, outer * reduced * inner + (accumulate ? results : 0), results),
  };
}

const sumOp: Op<SumAttributes> = {
  name: 'sum',
  shape: (_, { shape }) => shape,
  // The result has axes of length 1 where x has those that were summed.
  vjp: ({ inputs: [x] }, dy) => [broadcastTo(dy, x.shape)],
  kernels: ({ attributes: { outer, reduced, inner } }) => sumKernels(outer, reduced, inner, false),
  accumulate: ({ attributes: { outer, reduced, inner } }) => sumKernels(outer, reduced, inner, true),
};

/** Sum over `axes` (all where absent), which stay as axes of length 1 with `keepAxes`. */
export function sum(x: Tensor, axes?: readonly number[], keepAxes = false): Tensor {
  const reducedAxes = new Set(axes ?? x.shape.map((_, axis) => axis));
  for (const axis of reducedAxes) {
    if (axis < 0 || axis >= x.shape.length) throw new ShapeError(`sum: no axis ${axis} in [${x.shape}]`);
  }
  // Runs of neighbouring axes are one sum each; the last run first, since it leaves the least to do.
  let result = x;
  const shape = [...x.shape];
  for (let end = shape.length; end > 0; end--) {
    if (!reducedAxes.has(end - 1)) continue;
    let start = end - 1;
    while (start > 0 && reducedAxes.has(start - 1)) start--;
    const attributes = {
      outer: sizeOf(shape.slice(0, start)),
      reduced: sizeOf(shape.slice(start, end)),
      inner: sizeOf(shape.slice(end)),
    };
    shape.fill(1, start, end);
    if (attributes.reduced > 1) result = apply(sumOp, [result], { ...attributes, shape: [...shape] });
    end = start + 1;
  }
  const kept = keepAxes ? shape : x.shape.filter((_, axis) => !reducedAxes.has(axis));
  return reshape(result, kept);
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
