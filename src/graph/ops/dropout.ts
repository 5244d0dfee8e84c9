/** Dropout by counter-based random numbers: the mask is a function of (seed, step, layer, global index). */
import { f32Bits, input, lineOfWorkgroups, type Op, output } from '../op.ts';
import { apply, ShapeError, sizeOf, type Tensor } from '../tensor.ts';

interface DropoutAttributes {
  /** Probability of zero, below 1. */
  readonly rate: number;
  /** Tells the masks of different layers apart. */
  readonly layer: number;
}

const dropoutOp: Op<DropoutAttributes> = {
  name: 'dropout',
  shape: ([x, random], { rate }) => {
    if (!(rate >= 0 && rate < 1)) throw new ShapeError(`dropout: a rate of ${rate} is not in [0, 1)`);
    if (sizeOf(random) !== 4) throw new ShapeError(`dropout: random state [${random}] is not [4]`);
    return x;
  },
  // The same mask again: it is drawn anew from the same counters rather than kept.
  vjp: ({ inputs: [, random], attributes }, dy) => [apply(dropoutOp, [dy, random], attributes), null],
  kernels: ({ shape, attributes: { rate, layer } }) => ({
    kernels: [
      {
        shader: 'dropout',
        params: [sizeOf(shape), layer, f32Bits(1 / (1 - rate)), Math.round(rate * 2 ** 32)],
        operands: [input(0), input(1), output],
        workgroups: lineOfWorkgroups(Math.ceil(sizeOf(shape) / 4), 64),
      },
    ],
  }),
};

/**
 * Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate).
 * `random` holds four words: seed (low, high), step, 0.
 */
export function dropout(x: Tensor, random: Tensor, rate: number, layer: number): Tensor {
  return rate === 0 ? x : apply(dropoutOp, [x, random], { rate, layer });
}
