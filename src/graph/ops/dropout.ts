/** Dropout by counter-based random numbers: the mask is a function of (seed, step, layer, global index). */
import {
  f32Bits,
  input,
  type KernelPlan,
  lineOfWorkgroups,
  type Op,
  output,
  unused,
  updated,
  work,
} from '../op.ts';
import { apply, ShapeError, sizeOf, type Tensor } from '../tensor.ts';

/** Where a tensor [samples, rows, columns] lies in the whole whose mask it takes its part of. */
export interface DropoutPlace {
  /** Rows and columns of a sample of the whole. */
  readonly whole: readonly [number, number];
  /** First sample, row and column of the own part; samples that earlier passes of a step had come before it. */
  readonly from: readonly [number, number, number];
}

interface DropoutAttributes {
  /** Probability of zero, below 1. */
  readonly rate: number;
  /** Tells the masks of different layers apart. */
  readonly layer: number;
  readonly place?: DropoutPlace;
}

/** Seed (low, high), step, and how many samples earlier passes of the step had. */
const RANDOM_WORDS = 4;

function dropoutKernels({ shape, attributes }: Tensor<DropoutAttributes>, inPlace: boolean): KernelPlan {
  const { rate, layer, place } = attributes;
  const size = sizeOf(shape);
  const [rows, columns] = place ? shape.slice(1) : [1, size];
  const [wholeRows, wholeColumns] = place?.whole ?? [1, size];
  const [sample, row, column] = place?.from ?? [0, 0, 0];
  const first = (sample * wholeRows + row) * wholeColumns + column;
  const contiguous = !place || (rows === wholeRows && columns === wholeColumns);
  // Four neighbours share a block of random words where the blocks of part and whole begin together.
  const sampleSize = place ? wholeRows * wholeColumns : 0;
  const aligned = contiguous
    ? first % 4 === 0 && sampleSize % 4 === 0
    : [columns, wholeColumns, column].every(length => length % 4 === 0);
  return {
    kernels: [
      {
        shader: 'dropout',
        constants: { ALIGNED: Number(aligned), IN_PLACE: Number(inPlace) },
        params: [
          size,
          layer,
          f32Bits(1 / (1 - rate)),
          Math.round(rate * 2 ** 32),
          contiguous ? 1 : rows,
          contiguous ? size : columns,
          contiguous ? 1 : wholeRows,
          contiguous ? size : wholeColumns,
          first,
          sampleSize,
        ],
        operands: [inPlace ? unused : input(0), input(1), inPlace ? updated : output],
        workgroups: lineOfWorkgroups(Math.ceil(size / 4), 64),
        work: work('pointwise', size, size + RANDOM_WORDS, size),
      },
    ],
  };
}

const dropoutOp: Op<DropoutAttributes> = {
  name: 'dropout',
  shape: ([x, random], { rate, place }) => {
    if (!(rate >= 0 && rate < 1)) throw new ShapeError(`dropout: a rate of ${rate} is not in [0, 1)`);
    if (sizeOf(random) !== RANDOM_WORDS) throw new ShapeError(`dropout: random state [${random}] is not [4]`);
    if (place && x.length !== 3) throw new ShapeError(`dropout: [${x}] is no part of a batch of matrices`);
    return x;
  },
  // The same mask again: it is drawn anew from the same counters rather than kept.
  vjp: ({ inputs: [, random], attributes }, dy) => [apply(dropoutOp, [dy, random], attributes), null],
  kernels: result => dropoutKernels(result, false),
  inPlace: (result, index) => (index === 0 ? dropoutKernels(result, true) : undefined),
};

/**
 * Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate).
 * `random` holds four words: seed (low, high), step, and how many samples earlier passes of the step had. With `place`,
 * x [samples, rows, columns] is a part of a larger batch and takes its part of that batch's mask.
 */
export function dropout(
  x: Tensor,
  random: Tensor,
  rate: number,
  layer: number,
  place?: DropoutPlace,
): Tensor {
  return rate === 0 ? x : apply(dropoutOp, [x, random], { rate, layer, place });
}
