/** A tensor of one value. */
import { f32Bits, lineOfWorkgroups, type Op, output, work } from '../op.ts';
import { apply, type Shape, sizeOf, type Tensor } from '../tensor.ts';

interface FillAttributes {
  readonly shape: Shape;
  readonly value: number;
}

export const fillOp: Op<FillAttributes> = {
  name: 'fill',
  shape: (_, { shape }) => shape,
  vjp: () => [],
  kernels: ({ shape, attributes }) => ({
    kernels: [
      {
        shader: 'fill',
        params: [sizeOf(shape), f32Bits(attributes.value)],
        operands: [output],
        workgroups: lineOfWorkgroups(sizeOf(shape), 64),
        work: work('copy', 0, 0, sizeOf(shape)),
      },
    ],
  }),
};

export function fill(shape: Shape, value: number): Tensor {
  return apply(fillOp, [], { shape, value });
}

/** The value of a tensor that is filled with one. */
export function filledWith(tensor: Tensor): number | undefined {
  return isFilled(tensor) ? tensor.attributes.value : undefined;
}

function isFilled(tensor: Tensor): tensor is Tensor<FillAttributes> {
  return (tensor.op as unknown) === fillOp;
}
