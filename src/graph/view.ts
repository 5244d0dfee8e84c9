/**
 * How a kernel reads an operand: in which order, from which element on, and what of it again and again. A transpose, a
 * slice or a broadcast is such a view of what it is taken of, and a view of a view is one, too; so none of them need be
 * written out. Kernels find their places by the words of `boxWords` (see `shaders/prelude/box.wgsl`).
 */
import type { Steps, View } from './op.ts';
import { type Shape, ShapeError, stridesOf } from './tensor.ts';

/** Of the shape of the result. */
export function strided(shape: Shape, strides: readonly number[], offset = 0): View {
  return { offset, axes: shape.map((length, axis) => ({ length, stride: strides[axis] })) };
}

/** So many elements in the order in which they lie. */
export const plain = (size: number): View => ({ offset: 0, axes: [{ length: size, stride: 1 }] });

export const isPlain = (view: View): boolean =>
  view.offset === 0 && merged([view]).every(({ length, strides: [stride] }) => length === 1 || stride === 1);

/** A tensor of shape `from` read as one of the shape `to` that it broadcasts to. */
export function broadcastView(from: Shape, to: Shape): View {
  const strides = stridesOf(from);
  const lead = to.length - from.length;
  return strided(
    to,
    to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead])),
  );
}

/** Elements of the operand that a view touches. */
export function touched(view: View): number {
  return view.axes.reduce((size, { length, stride }) => size * (stride === 0 ? 1 : length), 1);
}

/**
 * The view `outer` of something that is itself a view: what `inner` reads, in the order of `outer`.
 *
 * @returns undefined where no steps lead there, such as along rows of half the length
 */
export function viewOfView(outer: View, inner: View): View | undefined {
  // Steps of `inner`, each with how far it leads in the order of its own result.
  let reach = 1;
  const levels = [...inner.axes]
    .reverse()
    .filter(({ length }) => length > 1)
    .map(({ length, stride }) => {
      const level = { length, stride, step: reach, from: 0, last: 0 };
      reach *= length;
      return level;
    });
  let offset = inner.offset;
  for (const level of levels) {
    level.from = Math.floor(outer.offset / level.step) % level.length;
    level.last = level.from;
    offset += level.from * level.stride;
  }
  const axes: Steps[] = [];
  for (const axis of outer.axes) {
    let { length, stride } = axis;
    const parts: Steps[] = [];
    while (length > 1 && stride > 0) {
      const level = levels.findLast(({ step }) => stride % step === 0);
      const each = level && stride / level.step;
      if (!level || !each || each >= level.length) return undefined;
      const room = level.length % each === 0 ? level.length / each : 0;
      const steps = length <= Math.ceil(level.length / each) ? length : room;
      if (steps === 0 || length % steps !== 0) return undefined;
      level.last += (steps - 1) * each;
      parts.unshift({ length: steps, stride: each * level.stride });
      length /= steps;
      stride *= steps;
    }
    axes.push(...(length > 1 ? [{ length, stride }] : []), ...parts);
  }
  // Where steps along a level lead past its end they would go on with the next.
  return levels.every(({ last, length }) => last < length) ? { offset, axes } : undefined;
}

/** Steps that all operands of a kernel make together. */
export interface CommonSteps {
  readonly length: number;
  /** Of every operand. */
  readonly strides: readonly number[];
}

/** Axes that a kernel can take an index apart along. */
const MOST_AXES = 6;

/** Cuts the axes of views of the same size where any of them has an end, and merges what all step along evenly. */
function merged(views: readonly View[]): CommonSteps[] {
  const rests = views.map(({ axes }) => axes.filter(({ length }) => length > 1).reverse());
  const common: CommonSteps[] = [];
  while (rests.some(rest => rest.length > 0)) {
    const length = rests.reduce(
      (least, [next]) => Math.min(least, next?.length ?? 1),
      Number.POSITIVE_INFINITY,
    );
    const strides = rests.map(rest => {
      const [{ length: whole, stride }] = rest;
      if (whole % length !== 0)
        throw new ShapeError(`axes of ${whole} and ${length} elements have no common part`);
      if (whole === length) rest.shift();
      else rest[0] = { length: whole / length, stride: stride * length };
      return stride;
    });
    const last = common.at(-1);
    if (last?.strides.every((stride, i) => strides[i] === stride * last.length)) {
      common[common.length - 1] = { length: last.length * length, strides: last.strides };
    } else {
      common.push({ length, strides });
    }
  }
  return common.length > 0 ? common : [{ length: 1, strides: views.map(() => 0) }];
}

/**
 * The axes of a box in which all of `views` lie, innermost first: 1 to 6.
 * @throws ShapeError where there are more
 */
export function commonAxes(views: readonly View[]): CommonSteps[] {
  const axes = merged(views);
  if (axes.length > MOST_AXES)
    throw new ShapeError(`more than ${MOST_AXES} axes: ${axes.map(a => a.length)}`);
  return axes;
}

/** Whether one kernel can read all of `views`. */
export function readTogether(views: readonly View[]): boolean {
  const ends = views.map(({ axes }) => {
    let end = 1;
    return [...axes].reverse().map(({ length }) => {
      end *= length;
      return end;
    });
  });
  const all = [...new Set(ends.flat())].sort((a, b) => a - b);
  return all.every((end, i) => i === 0 || end % all[i - 1] === 0) && merged(views).length <= MOST_AXES;
}

/** Operands that a box has places for. */
const MOST_OPERANDS = 4;

/** The words of a `Box`: `offsets` and the strides of `axes` belong to its operands in order. */
export function boxWords(axes: readonly CommonSteps[], offsets: readonly number[]): number[] {
  const perOperand = (values: readonly number[]) =>
    Array.from({ length: MOST_OPERANDS }, (_, operand) => values[operand] ?? 0);
  const inner = Array.from({ length: MOST_AXES - 1 }, (_, axis) => axes[axis]);
  return [
    ...perOperand(offsets),
    ...inner.map(axis => axis?.length ?? 1),
    0,
    0,
    0,
    ...inner.flatMap(axis => perOperand(axis?.strides ?? [])),
    ...perOperand(axes[axes.length - 1].strides),
  ];
}
