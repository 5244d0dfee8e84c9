/** A result that the kernels of another op make besides their own: it has memory of its own, and no kernels. */
import type { Op } from '../op.ts';
import { apply, noSecondDerivative, type Shape, type Tensor } from '../tensor.ts';

const furtherOp: Op<{ readonly shape: Shape }> = {
  name: 'further result',
  shape: (_, { shape }) => shape,
  vjp: ({ op }) => noSecondDerivative(op.name),
};

/** What `maker`'s kernels call `further(0)`. */
export function furtherResult(maker: Tensor, shape: Shape): Tensor {
  return apply(furtherOp, [maker], { shape });
}

export function isFurther(tensor: Tensor): boolean {
  return (tensor.op as unknown) === furtherOp;
}
