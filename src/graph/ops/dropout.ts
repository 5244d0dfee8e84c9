/** Dropout by counter-based random numbers: the mask is a function of (seed, step, layer, global index). */
import type { Mask, Op } from '../op.ts';
import { apply, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { plain } from '../view.ts';
import { byElement, RANDOM_WORDS } from './chain.ts';

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

function maskOf(shape: Shape, { rate, layer, place }: DropoutAttributes): Mask {
  const size = sizeOf(shape);
  const [rows, columns] = place ? shape.slice(1) : [1, size];
  const [wholeRows, wholeColumns] = place?.whole ?? [1, size];
  const [sample, row, column] = place?.from ?? [0, 0, 0];
  const contiguous = !place || (rows === wholeRows && columns === wholeColumns);
  return {
    rate,
    layer,
    own: contiguous ? [1, size] : [rows, columns],
    whole: contiguous ? [1, size] : [wholeRows, wholeColumns],
    first: (sample * wholeRows + row) * wholeColumns + column,
    sampleSize: place ? wholeRows * wholeColumns : 0,
  };
}

const dropoutOp: Op<DropoutAttributes> = byElement({
  name: 'dropout',
  shape: ([x, random], { rate, place }) => {
    if (!(rate >= 0 && rate < 1)) throw new ShapeError(`dropout: a rate of ${rate} is not in [0, 1)`);
    if (sizeOf(random) !== RANDOM_WORDS) throw new ShapeError(`dropout: random state [${random}] is not [4]`);
    if (place && x.length !== 3) throw new ShapeError(`dropout: [${x}] is no part of a batch of matrices`);
    return x;
  },
  // The same mask again: it is drawn anew from the same counters rather than kept.
  vjp: ({ inputs: [, random], attributes }, dy) => [apply(dropoutOp, [dy, random], attributes), null],
  chain: ({ shape, attributes }) => ({
    shape,
    views: [plain(sizeOf(shape))],
    links: [{ function: 'dropout' }],
    mask: maskOf(shape, attributes),
  }),
});

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
