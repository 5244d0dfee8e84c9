/**
 * Moving elements about: reshape (an alias); permute and slice, which are reading in another order; pad and
 * concat, which are copies into a part of the result. Patchify and unpatchify are a reshape and a permute.
 */
import { input, type Kernel, lineOfWorkgroups, type Op, output, work } from '../op.ts';
import { apply, type Shape, ShapeError, sameShape, sizeOf, stridesOf, type Tensor } from '../tensor.ts';
import { boxWords, commonAxes, strided } from '../view.ts';
import { byElement } from './chain.ts';

/** Elements that one invocation copies, where the innermost axis is a multiple of it. */
const RUN = 4;

/** Copies all of an input into a part of the result, where both have these strides. */
function copyKernel(operand: number, shape: Shape, to: readonly number[], toOffset: number): Kernel {
  const axes = commonAxes([strided(shape, stridesOf(shape)), strided(shape, to, toOffset)]);
  const run = axes[0].length % RUN === 0 ? RUN : 1;
  const runs = sizeOf(shape) / run;
  return {
    shader: 'copy',
    constants: { RANK: axes.length, RUN: run },
    params: [runs, 0, 0, 0, ...boxWords(axes, [0, toOffset])],
    operands: [input(operand), output],
    workgroups: lineOfWorkgroups(runs, 64),
    work: work('copy', 0, sizeOf(shape), sizeOf(shape)),
  };
}

const reshapeOp: Op<{ readonly shape: Shape }> = {
  name: 'reshape',
  alias: true,
  shape: ([x], { shape }) => {
    if (sizeOf(x) !== sizeOf(shape)) throw new ShapeError(`reshape: [${x}] has another size than [${shape}]`);
    return shape;
  },
  vjp: ({ inputs: [x] }, dy) => [reshape(dy, x.shape)],
};

/** The same elements in the same order under another shape; no memory, no kernel. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape });
}

const permuteOp: Op<{ readonly axes: readonly number[] }> = byElement({
  name: 'permute',
  shape: ([x], { axes }) => {
    if ([...axes].sort((a, b) => a - b).some((axis, i) => axis !== i) || axes.length !== x.length) {
      throw new ShapeError(`permute: [${axes}] is no order of the axes of [${x}]`);
    }
    return axes.map(axis => x[axis]);
  },
  vjp: ({ attributes: { axes } }, dy) => [
    permute(
      dy,
      axes.map((_, axis) => axes.indexOf(axis)),
    ),
  ],
  chain: ({ inputs: [x], shape, attributes: { axes } }) => {
    const strides = stridesOf(x.shape);
    return {
      shape,
      views: [
        strided(
          shape,
          axes.map(axis => strides[axis]),
        ),
      ],
      links: [],
    };
  },
});

/** Axis k of the result is axis `axes[k]` of x. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  return apply(permuteOp, [x], { axes });
}

interface SliceAttributes {
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
}

const sliceOp: Op<SliceAttributes> = byElement({
  name: 'slice',
  shape: ([x], { starts, lengths }) => {
    if (x.some((length, axis) => starts[axis] < 0 || starts[axis] + lengths[axis] > length)) {
      throw new ShapeError(`slice: [${starts}] + [${lengths}] leaves [${x}]`);
    }
    return lengths;
  },
  vjp: ({ inputs: [x], attributes: { starts } }, dy) => [pad(dy, starts, x.shape)],
  chain: ({ inputs: [x], shape, attributes: { starts } }) => {
    const strides = stridesOf(x.shape);
    const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
    return { shape, views: [strided(shape, strides, offset)], links: [] };
  },
});

const firstRowsOp: Op<{ readonly rows: number }> = {
  name: 'firstRows',
  alias: true,
  shape: ([x], { rows }) => [rows, ...x.slice(1)],
  vjp: ({ inputs: [x] }, dy) => [
    pad(
      dy,
      x.shape.map(() => 0),
      x.shape,
    ),
  ],
};

/** The box of x that begins at `starts`, of shape `lengths`; the first rows of x are no copy. */
export function slice(x: Tensor, starts: readonly number[], lengths: readonly number[]): Tensor {
  if (sameShape(x.shape, lengths)) return x;
  const [rows, ...others] = lengths;
  const isHead = starts.every(start => start === 0) && sameShape(x.shape.slice(1), others);
  return isHead && rows < x.shape[0]
    ? apply(firstRowsOp, [x], { rows })
    : apply(sliceOp, [x], { starts, lengths });
}

interface PadAttributes {
  readonly starts: readonly number[];
  readonly shape: Shape;
}

const padOp: Op<PadAttributes> = {
  name: 'pad',
  shape: ([x], { starts, shape }) => {
    if (x.some((length, axis) => starts[axis] < 0 || starts[axis] + length > shape[axis])) {
      throw new ShapeError(`pad: [${x}] at [${starts}] leaves [${shape}]`);
    }
    return shape;
  },
  vjp: ({ inputs: [x], attributes: { starts } }, dy) => [slice(dy, starts, x.shape)],
  kernels: ({ inputs: [x], shape, attributes: { starts } }) => {
    const to = stridesOf(shape);
    const toOffset = starts.reduce((offset, start, axis) => offset + start * to[axis], 0);
    return {
      kernels: [
        {
          shader: 'fill',
          params: [sizeOf(shape), 0],
          operands: [output],
          workgroups: lineOfWorkgroups(sizeOf(shape), 64),
          work: work('copy', 0, 0, sizeOf(shape)),
        },
        copyKernel(0, x.shape, to, toOffset),
      ],
    };
  },
};

/** x placed at `starts` in zeros of `shape`. */
export function pad(x: Tensor, starts: readonly number[], shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(padOp, [x], { starts, shape });
}

const concatOp: Op<{ readonly axis: number }> = {
  name: 'concat',
  shape: (shapes, { axis }) => {
    const [first] = shapes;
    for (const shape of shapes) {
      if (
        shape.length !== first.length ||
        shape.some((length, other) => other !== axis && length !== first[other])
      ) {
        throw new ShapeError(`concat: [${shape}] does not fit [${first}] along axis ${axis}`);
      }
    }
    return first.map((length, other) =>
      other === axis ? shapes.reduce((total, shape) => total + shape[axis], 0) : length,
    );
  },
  vjp: ({ inputs, attributes: { axis } }, dy) => {
    let start = 0;
    return inputs.map(({ shape }) => {
      const starts = shape.map((_, other) => (other === axis ? start : 0));
      start += shape[axis];
      return slice(dy, starts, shape);
    });
  },
  kernels: ({ inputs, shape, attributes: { axis } }) => {
    const to = stridesOf(shape);
    let start = 0;
    const kernels = inputs.map((operand, index) => {
      const toOffset = start * to[axis];
      start += operand.shape[axis];
      return copyKernel(index, operand.shape, to, toOffset);
    });
    return { kernels };
  },
};

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return apply(concatOp, tensors, { axis });
}

/**
 * [batch, channels, height, width] -> [batch, tokens, channels * ph * pw]: tokens in row-major order of patches,
 * within a token channel first, then row, then column of the patch (the layout of PyTorch's convolution weights).
 */
export function patchify(x: Tensor, [ph, pw]: readonly [number, number]): Tensor {
  const [batch, channels, height, width] = x.shape;
  if (height % ph !== 0 || width % pw !== 0) {
    throw new ShapeError(
      `patchify: a grid of ${height} x ${width} is no multiple of a patch of ${ph} x ${pw}`,
    );
  }
  const [rows, columns] = [height / ph, width / pw];
  const split = reshape(x, [batch, channels, rows, ph, columns, pw]);
  const tokensFirst = permute(split, [0, 2, 4, 1, 3, 5]); // [batch, rows, columns, channels, ph, pw]
  return reshape(tokensFirst, [batch, rows * columns, channels * ph * pw]);
}

/** [batch, tokens, channels * ph * pw] -> [batch, height * width, channels]: the inverse, channels last. */
export function unpatchify(
  x: Tensor,
  [height, width]: readonly [number, number],
  [ph, pw]: readonly [number, number],
): Tensor {
  const [batch, tokens, features] = x.shape;
  const [rows, columns, channels] = [height / ph, width / pw, features / (ph * pw)];
  if (rows * columns !== tokens) {
    throw new ShapeError(`unpatchify: ${tokens} tokens do not make ${height} x ${width} of ${ph} x ${pw}`);
  }
  const split = reshape(x, [batch, rows, columns, channels, ph, pw]);
  const gridFirst = permute(split, [0, 1, 4, 2, 5, 3]); // [batch, rows, ph, columns, pw, channels]
  return reshape(gridFirst, [batch, height * width, channels]);
}
